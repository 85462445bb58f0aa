// Signing in with a passkey: alone, or where a code would do.
import { KeyRound } from 'lucide';
import { useState } from 'preact/hooks';

import { Button } from '../../ui/controls';
import { sentence } from '../../ui/errors';
import { api } from '../../ui/http';
import { passkeysWork, usePasskey } from '../passkey';
import { loadMe } from '../session';
import { t } from '../texts';
import { browserName } from './device';

export function PasskeySignIn({ secret, onDone }: {
  secret?: string; onDone?: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  if (!passkeysWork())
    return null;
  const start = async () => {
    setBusy(true);
    setError('');
    try {
      const passkey = await usePasskey(secret === undefined ? {} : { secret });
      await api.post('/api/web/passkey/login', {
        passkey, deviceInfo: browserName(),
        ...(secret === undefined ? {} : { secret }),
      }, { quiet: true });
      onDone?.();
      await loadMe();
    } catch (e) {
      setError(sentence(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="sso">
      <Button icon={KeyRound} busy={busy} onClick={() => void start()}>
        {t(secret === undefined ? 'passkey.signIn' : 'passkey.instead')}
      </Button>
      {error && <p class="error" role="alert">{error}</p>}
    </div>
  );
}
