// The door: password, then a code where the account wants one.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

import { Button, Copy } from '../../ui/controls';
import { Form, TextField, useForm } from '../../ui/form';
import { api, ApiError } from '../../ui/http';
import { Note } from '../../ui/states';
import { Toasts } from '../../ui/toast';
import { config, feature, loadMe } from '../session';
import { t } from '../texts';
import { browserName } from './device';
import { EnforcedSetup } from './enforced';
import { PasskeySignIn } from './passkey';
import { Sso } from './sso';

interface Reply {
  type: 'access_token' | 'email_check';
  tfa_type?: 'tfa_check' | 'email_check';
  secret?: string;
  user?: { email?: string };
}

type Step =
  | { at: 'password' }
  | { at: 'code'; mail: string | undefined; username: string; secret: string }
  | { at: 'setup'; username: string; password: string };

const step = signal<Step>({ at: 'password' });
const MUST_SET_UP = 'Two-factor authentication must be set up';

export function Door({ title, children }: {
  title: string; children: ComponentChildren;
}) {
  useEffect(() => { document.title = title; }, [title]);
  return (
    <main class="door">
      <div class="door-box">
        <p class="door-brand">{config.value?.name || t('frame.name')}</p>
        <h1>{title}</h1>
        {children}
      </div>
      <Toasts />
    </main>
  );
}

async function enter(username: string, password: string): Promise<void> {
  try {
    const r = await api.post<Reply>('/api/web/login',
      { username, password, deviceInfo: browserName() }, { quiet: true });
    if (r.type === 'access_token')
      await loadMe();
    else
      step.value = {
        at: 'code', username, secret: r.secret ?? '',
        mail: r.tfa_type === 'tfa_check' ? undefined : r.user?.email ?? '',
      };
  } catch (e) {
    if (!(e instanceof ApiError && e.message.startsWith(MUST_SET_UP)))
      throw e;
    step.value = { at: 'setup', username, password };
  }
}

function FirstVisit() {
  const c = config.value!;
  if (!c.first_start)
    return null;
  return (
    <Note title={t('signIn.first')}>
      {t('signIn.first.text')}
      <Copy block text={c.password_command} label={t('signIn.copyCommand')} />
    </Note>
  );
}

function PasswordStep() {
  const form = useForm(undefined, { username: '', password: '' },
    (v) => enter(v.username.trim(), v.password),
    (v) => ({
      username: !v.username.trim() && t('ui.required'),
      password: !v.password && t('ui.required'),
    }));
  return (
    <>
      <FirstVisit />
      <Form of={form} label={t('signIn.title')}>
        <TextField name="username" label={t('signIn.name')} autofocus
          autocomplete="username" />
        <TextField name="password" label={t('signIn.password')} type="password"
          autocomplete="current-password" />
        <Button type="submit" kind="primary" busy={form.saving}>
          {t('signIn.action')}
        </Button>
      </Form>
      {feature('mail') && <p><a href="/forgot">{t('signIn.forgot')}</a></p>}
      <PasskeySignIn />
      <Sso />
    </>
  );
}

function CodeStep({ s }: { s: Extract<Step, { at: 'code' }> }) {
  const form = useForm(undefined, { code: '' }, async ({ code }) => {
    const given = code.replace(/\s/g, '');
    await api.post<Reply>('/api/web/login', {
      username: s.username, type: 'email_code', secret: s.secret,
      deviceInfo: browserName(),
      ...(s.mail === undefined ? { tfaCode: given }
        : { verificationCode: given }),
    }, { quiet: true });
    step.value = { at: 'password' };
    await loadMe();
  });
  return (
    <><Form of={form} label={t('signIn.title')}>
      <p>{s.mail === undefined ? t('signIn.codeApp')
        : t('signIn.codeMail', { mail: s.mail })}</p>
      <TextField name="code" label={t('signIn.code')} oneTimeCode autofocus
        help={s.mail === undefined ? t('signIn.codeHelp') : undefined} />
      <div class="buttons">
        <Button type="submit" kind="primary" busy={form.saving}>
          {t('signIn.action')}
        </Button>
        <Button kind="quiet" onClick={() => { step.value = { at: 'password' }; }}>
          {t('signIn.other')}
        </Button>
      </div>
    </Form>
    <PasskeySignIn secret={s.secret}
      onDone={() => { step.value = { at: 'password' }; }} /></>
  );
}

export function SignIn() {
  const s = step.value;
  useEffect(() => () => { step.value = { at: 'password' }; }, []);
  return (
    <Door title={s.at === 'setup' ? t('tfa.title') : t('signIn.title')}>
      {s.at === 'password' && <PasswordStep />}
      {s.at === 'code' && <CodeStep s={s} />}
      {s.at === 'setup' && (
        <EnforcedSetup username={s.username} password={s.password}
          onDone={async () => {
            step.value = { at: 'password' };
            await enter(s.username, s.password);
          }} />
      )}
    </Door>
  );
}
