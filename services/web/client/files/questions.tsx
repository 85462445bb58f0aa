// What the file view asks: whether to replace, and for a name.
import { useState } from 'preact/hooks';

import { Button, useFocus } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { bytes, shortDate } from '../../ui/format';
import { safeParts } from '../../protocol/paths';
import type { FileFacts } from '../messages';
import type { Remote } from '../remote';
import { t } from '../texts';

function Side({ title, facts }: { title: string; facts: FileFacts }) {
  return (
    <div class="side">
      <h3>{title}</h3>
      <p>{bytes(facts.size)}</p>
      <p class="muted">{facts.modified > 0 ? shortDate(facts.modified) : '–'}
      </p>
    </div>
  );
}

export function Replace({ remote }: { remote: Remote }) {
  const [all, setAll] = useState(false);
  const c = remote.conflict.value;
  if (!c)
    return null;
  return (
    <Dialog title={t('replace.title', { name: c.name })}
      onClose={() => remote.overwrite('skip', false)} foot={<>
        <Button onClick={() => remote.overwrite('skip', all)}>
          {t('replace.skip')}
        </Button>
        <Button kind="primary"
          onClick={() => remote.overwrite('overwrite', all)}>
          {t('replace.replace')}
        </Button>
      </>}>
      <p>{t(c.upload ? 'replace.there' : 'replace.here')}</p>
      <div class="sides">
        <Side title={t('files.here')} facts={c.here} />
        <Side title={t('files.there')} facts={c.there} />
      </div>
      <label class="check">
        <input type="checkbox" checked={all}
          onChange={(e) => setAll(e.currentTarget.checked)} />
        <span>{t('replace.all')}</span>
      </label>
    </Dialog>
  );
}

export function Name({ title, action, value, close, done }: {
  title: string; action: string; value: string; close: () => void;
  done: (name: string) => void;
}) {
  const [name, setName] = useState(value);
  const field = useFocus<HTMLInputElement>();
  const valid = safeParts(name)?.length === 1;
  const finish = () => {
    if (valid) {
      done(name);
      close();
    }
  };
  return (
    <Dialog title={title} onClose={close} foot={<>
      <Button onClick={close}>{t('ask.cancel')}</Button>
      <Button kind="primary" disabled={!valid} onClick={finish}>
        {action}
      </Button>
    </>}>
      <form onSubmit={(e) => { e.preventDefault(); finish(); }}>
        <div class="field">
          <label for="name">{t('files.name')}</label>
          <input id="name" ref={field} value={name} autoComplete="off"
            spellcheck={false} maxLength={255}
            onInput={(e) => setName(e.currentTarget.value)} />
          {name !== '' && !valid
            && <p class="error" role="alert">{t('files.nameWrong')}</p>}
        </div>
      </form>
    </Dialog>
  );
}
