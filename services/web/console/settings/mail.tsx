// How the server sends mail, and a try.
import { useState } from 'preact/hooks';

import { Button } from '../../ui/controls';
import { useData } from '../../ui/data';
import { CheckField, Form, SaveBar, Section, SelectField, TextField, useForm }
  from '../../ui/form';
import { api } from '../../ui/http';
import { Loaded, Note } from '../../ui/states';
import { required } from '../create';
import { me } from '../session';
import { t } from '../texts';
import { type SectionProps, settingsPath, useSection } from './use_settings';

interface Smtp {
  enabled: boolean;
  host: string;
  port: number;
  security: string;
  username: string;
  password: string;
  password_set?: boolean;
  from: string;
  tls_verify: boolean;
}

function Server(p: SectionProps<Smtp>) {
  const form = useSection('smtp', p, ['enabled', 'host', 'port', 'security',
    'username', 'password', 'from', 'tls_verify']);
  return (
    <Section title={t('mail.server')} text={t('mail.server.text')}>
      <Form of={form} label={t('mail.server')}>
        <CheckField name="enabled" label={t('mail.enabled')} />
        <div class="pair">
          <TextField name="host" label={t('mail.host')} />
          <TextField name="port" label={t('mail.port')} type="number" min={1}
            max={65535} />
        </div>
        <SelectField name="security" label={t('mail.security')} options={[
          { value: 'starttls', label: t('mail.starttls') },
          { value: 'tls', label: t('mail.tls') },
          { value: 'none', label: t('mail.none') }]} />
        <CheckField name="tls_verify" label={t('mail.verify')} />
        <div class="pair">
          <TextField name="username" label={t('mail.username')} />
          <TextField name="password" label={t('signIn.password')}
            type="password" help={p.value.password_set
              ? t('settings.secretSet') : undefined} />
        </div>
        <TextField name="from" label={t('mail.from')} type="email"
          placeholder="rustdesk@example.com" />
        <SaveBar action={t('mail.save')} />
      </Form>
    </Section>
  );
}

function Test() {
  const [sent, setSent] = useState('');
  const form = useForm(undefined, { to: me.value?.email ?? '' }, async (v) => {
    setSent('');
    await api.post('/api/settings/smtp/test', v);
    setSent(v.to);
  }, (v) => ({ to: required(v.to) }), true);
  return (
    <Section title={t('mail.test')} text={t('mail.test.text')}>
      <Form of={form} label={t('mail.test')}>
        <TextField name="to" label={t('mail.to')} type="email" />
        <div><Button type="submit" busy={form.saving}>{t('mail.send')}</Button></div>
        {sent && <Note tone="good">{t('mail.sent', { to: sent })}</Note>}
      </Form>
    </Section>
  );
}

export function MailSettings() {
  const data = useData<Smtp>(settingsPath('smtp'));
  return (
    <Loaded data={data}>
      {(value) => (
        <div>
          <Server value={value} etag={data.etag} />
          {value.enabled && <Test />}
        </div>
      )}
    </Loaded>
  );
}
