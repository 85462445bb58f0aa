// Setting up one-time codes: scan, type one, keep the recovery codes.
import { useEffect, useState } from 'preact/hooks';

import { Button, Copy } from '../../ui/controls';
import { sentence } from '../../ui/errors';
import { Form, TextField, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import { download } from '../../ui/list/csv';
import { Qr } from '../../ui/qr';
import { Note, Skeleton } from '../../ui/states';
import { t } from '../texts';

interface Setup {
  secret: string;
  url: string;
}

export interface Proof {
  username?: string;
  password?: string;
}

function Scan({ setup, proof, onCodes }: {
  setup: Setup; proof: Proof; onCodes: (codes: string[]) => void;
}) {
  const form = useForm(undefined, { code: '' }, async ({ code }) => {
    const r = await api.post<{ recovery_codes: string[] }>(
      '/api/tfa/totp/confirm', { ...proof, code: code.replace(/\s/g, '') },
      { quiet: true });
    onCodes(r.recovery_codes);
  });
  return (
    <Form of={form} label={t('tfa.title')}>
      <p>{t('tfa.scan')}</p>
      <Qr text={setup.url} label={t('tfa.qr')} />
      <div class="field">
        <span>{t('tfa.key')}</span>
        <Copy block text={setup.secret}>
          {setup.secret.replace(/(.{4})(?=.)/g, '$1 ')}
        </Copy>
      </div>
      <TextField name="code" label={t('tfa.code')} oneTimeCode autofocus />
      <Button type="submit" kind="primary" busy={form.saving}>
        {t('tfa.switchOn')}
      </Button>
    </Form>
  );
}

export function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const text = codes.join('\n');
  return (
    <div class="stack">
      <Note tone="good" title={t('tfa.on')}>{t('tfa.keepCodes')}</Note>
      <ul class="codes">{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
      <div class="buttons">
        <Button onClick={() => download('recovery-codes.txt', text + '\n',
          'text/plain')}>{t('tfa.download')}</Button>
        <Copy text={text} label={t('tfa.copyCodes')}>{t('tfa.allCodes')}</Copy>
      </div>
      <Button kind="primary" onClick={onDone}>{t('tfa.kept')}</Button>
    </div>
  );
}

export function TotpSetup({ proof, onDone }: {
  proof: Proof; onDone: () => void;
}) {
  const [setup, setSetup] = useState<Setup | undefined>();
  const [codes, setCodes] = useState<string[] | undefined>();
  const [error, setError] = useState('');
  useEffect(() => {
    api.post<Setup>('/api/tfa/totp/setup', proof, { quiet: true })
      .then(setSetup, (e: unknown) => setError(sentence(e)));
  }, []);
  if (error)
    return <p class="error" role="alert">{error}</p>;
  if (codes)
    return <Codes codes={codes} onDone={onDone} />;
  if (!setup)
    return <Skeleton lines={4} />;
  return <Scan setup={setup} proof={proof} onCodes={setCodes} />;
}
