// What the device wants to be answered during a session, and small forms of
// the toolbar.
import { useState } from 'preact/hooks';

import { Button, useFocus } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import type { Remote } from './remote';
import { t } from './texts';

export function MessageBox({ remote }: { remote: Remote }) {
  const box = remote.box.value;
  if (!box)
    return null;
  const close = () => { remote.box.value = undefined; };
  return (
    <Dialog title={box.title || t('box.title')} onClose={close}
      foot={<Button kind="primary" onClick={close}>{t('box.ok')}</Button>}>
      <p>{box.text}</p>
    </Dialog>
  );
}

// Portable RustDesk on Windows: the window in front is an administrator's.
export function Elevation({ remote }: { remote: Remote }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  if (!remote.elevation.value)
    return null;
  const answer = remote.elevationAnswer.value;
  const close = () => { remote.elevation.value = false; };
  const ask = (logon?: { username: string; password: string }) => {
    remote.elevationAnswer.value = '';
    remote.tell({ do: 'elevate', logon });
  };
  return (
    <Dialog title={t('elevate.title')} onClose={close} foot={<>
      <Button onClick={close}>{t('ask.cancel')}</Button>
      <Button onClick={() => ask()}>{t('elevate.direct')}</Button>
      <Button kind="primary" disabled={!username || !password}
        onClick={() => ask({ username, password })}>
        {t('elevate.logon')}
      </Button>
    </>}>
      <p>{t('elevate.text')}</p>
      <div class="pair">
        <div class="field">
          <label for="elevate-user">{t('elevate.user')}</label>
          <input id="elevate-user" value={username} autoComplete="off"
            onInput={(e) => setUsername(e.currentTarget.value)} />
        </div>
        <div class="field">
          <label for="elevate-password">{t('elevate.password')}</label>
          <input id="elevate-password" type="password" value={password}
            autoComplete="off"
            onInput={(e) => setPassword(e.currentTarget.value)} />
        </div>
      </div>
      {answer !== undefined && (
        <p role="status" class={answer ? 'error' : 'help'}>
          {answer || t('elevate.wait')}
        </p>
      )}
    </Dialog>
  );
}

// Text that is typed on the device, whatever its keyboard.
export function SendText({ remote, close }: {
  remote: Remote; close: () => void;
}) {
  const [text, setText] = useState('');
  const field = useFocus<HTMLTextAreaElement>();
  return (
    <Dialog title={t('sendText.title')} onClose={close} foot={<>
      <Button onClick={close}>{t('ask.cancel')}</Button>
      <Button kind="primary" disabled={!text} onClick={() => {
        remote.tell({ do: 'text', text });
        close();
      }}>{t('sendText.send')}</Button>
    </>}>
      <div class="field">
        <label for="send-text">{t('sendText.label')}</label>
        <textarea id="send-text" ref={field} rows={5} value={text}
          onInput={(e) => setText(e.currentTarget.value)} />
        <p class="help">{t('sendText.help')}</p>
      </div>
    </Dialog>
  );
}
