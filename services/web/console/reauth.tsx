// Dangerous acts ask for the password or a code again; then the act is done.
import { KeyRound } from 'lucide';
import { useEffect, useState } from 'preact/hooks';

import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { Form, TextField, useForm } from '../ui/form';
import { api, ApiError } from '../ui/http';
import { passkeysWork, usePasskey } from './passkey';
import { prove, type Waiting, waiting } from './proof';
import { me } from './session';
import { t } from './texts';

const CONFIRM = 'Confirm that it is you';

// Runs ACT; if the api wants a fresh proof, asks for it and runs it again.
export async function fresh<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (e) {
    if (!(e instanceof ApiError) || e.message !== CONFIRM || !await prove())
      throw e;
    return act();
  }
}

function Box({ w }: { w: Waiting }) {
  const code = me.value?.tfa ?? false;
  const [gone] = useState(() => new AbortController());
  useEffect(() => () => gone.abort(), []);
  const form = useForm(undefined, { password: '', code: '' },
    (v) => api.post('/api/web/reauth',
      code ? { tfaCode: v.code } : { password: v.password }));
  const touched = useForm(undefined, {},
    async () => api.post('/api/web/reauth',
      { passkey: await usePasskey({ signal: gone.signal }) }));
  return (
    <Dialog title={t('reauth.title')} onClose={() => w.done(false)}>
      <p>{t('reauth.text')}</p>
      <Form of={form} onDone={() => w.done(true)}>
        {code
          ? <TextField name="code" label={t('signIn.code')} oneTimeCode
            autofocus />
          : <TextField name="password" label={t('signIn.password')}
            type="password" autocomplete="current-password" autofocus />}
        <Button type="submit" kind="primary" busy={form.saving}>
          {t('reauth.action')}
        </Button>
      </Form>
      {(me.value?.passkeys ?? 0) > 0 && passkeysWork() && (
        <Form of={touched} onDone={() => w.done(true)}>
          <Button type="submit" icon={KeyRound} busy={touched.saving}>
            {t('passkey.instead')}
          </Button>
        </Form>)}
    </Dialog>
  );
}

export function Proof() {
  const w = waiting.value;
  return w ? <Box key={w} w={w} /> : null;
}
