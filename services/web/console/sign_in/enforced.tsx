import { fail } from '../../ui/toast';
import { t } from '../texts';
import { TotpSetup } from './totp';

// An administrator demands a second factor before the first sign-in.
export function EnforcedSetup({ username, password, onDone }: {
  username: string; password: string; onDone: () => Promise<void>;
}) {
  return (
    <>
      <p>{t('tfa.demanded')}</p>
      <TotpSetup proof={{ username, password }}
        onDone={() => { onDone().catch(fail); }} />
    </>
  );
}
