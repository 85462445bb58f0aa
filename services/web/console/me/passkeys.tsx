// Own passkeys: made, named, removed.
import { KeyRound } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, Time } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { Section, TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { Loaded } from '../../ui/states';
import { say } from '../../ui/toast';
import { FormDialog, required } from '../create';
import { makePasskey, passkeysWork } from '../passkey';
import { fresh } from '../reauth';
import { loadMe, me } from '../session';
import { browserName } from '../sign_in/device';
import { t } from '../texts';

const PATH = '/api/web/passkeys';

interface Passkey {
  id: string;
  name: string;
  created: number;
  used: number;
}

const url = (k: Passkey) => `${PATH}/${k.id}`;

async function changed(said: string): Promise<void> {
  touch(PATH);
  await loadMe();
  say(said);
}

function Name({ title, action, name, save, onClose }: {
  title: string; action: string; name: string; onClose: () => void;
  save: (name: string) => Promise<void>;
}) {
  return (
    <FormDialog title={title} action={action} initial={{ name }}
      check={(v) => ({ name: required(v.name) })} onClose={onClose}
      save={(v) => save(v.name.trim())}>
      <TextField name="name" label={t('passkey.name')} autofocus />
    </FormDialog>
  );
}

function askRemove(k: Passkey): void {
  ask({
    title: t('passkey.remove'), action: t('passkey.remove'), danger: true,
    text: t('passkey.remove.text', { name: k.name }),
    run: async () => {
      await fresh(() => api.remove(url(k)));
      await changed(t('passkey.removed'));
    },
  });
}

function One({ k, onRename }: { k: Passkey; onRename: () => void }) {
  return (
    <li>
      <div class="grow">
        <p><b>{k.name}</b></p>
        <p class="muted small">{t('passkey.made')} <Time at={k.created} />
          {' · '}{k.used ? <>{t('me.lastUsed')} <Time at={k.used} /></>
            : t('passkey.unused')}</p>
      </div>
      <Button small onClick={onRename} aria-label={t('passkey.renameOne',
        { name: k.name })}>{t('passkey.renameWord')}</Button>
      <Button small onClick={() => askRemove(k)} aria-label={t(
        'passkey.removeOne', { name: k.name })}>{t('passkey.removeWord')}</Button>
    </li>
  );
}

export function Passkeys() {
  const data = useData<{ data: Passkey[] }>(PATH);
  const [open, setOpen] = useState<Passkey | 'new' | undefined>();
  const close = () => setOpen(undefined);
  if ((me.value?.source ?? 'local') !== 'local')
    return null;
  return (
    <Section title={t('passkey.title')} text={t('passkey.text')}>
      <Loaded data={data} lines={2}>
        {(page) => page.data.length === 0
          ? <p class="muted">{t('passkey.empty')}</p>
          : <ul class="rows tall">{page.data.map((k) => (
            <One key={k.id} k={k} onRename={() => setOpen(k)} />))}</ul>}
      </Loaded>
      <div>{passkeysWork()
        ? <Button icon={KeyRound} onClick={() => setOpen('new')}>
          {t('passkey.add')}…</Button>
        : <p class="muted">{t('passkey.notHere')}</p>}</div>
      {open === 'new' && (
        <Name title={t('passkey.add')} action={t('passkey.add')}
          name={browserName().name} onClose={close} save={async (name) => {
            await fresh(() => makePasskey(name));
            await changed(t('passkey.added'));
          }} />)}
      {open && open !== 'new' && (
        <Name title={t('passkey.rename')} action={t('passkey.rename')}
          name={open.name} onClose={close} save={async (name) => {
            await api.patch(url(open), { name });
            await changed(t('passkey.renamed'));
          }} />)}
    </Section>
  );
}
