// Own password, second factor, sessions.
import { LogOut } from 'lucide';
import { useState } from 'preact/hooks';

import { Badge, Button, State, Time } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask, Dialog } from '../../ui/dialog';
import { Form, SaveBar, Section, TextField, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import type { OwnSession } from '../../ui/model';
import { Loaded } from '../../ui/states';
import { say } from '../../ui/toast';
import { act } from '../act';
import { required } from '../create';
import { loadMe, me, signOut } from '../session';
import { Codes, TotpSetup } from '../sign_in/totp';
import { t } from '../texts';
import { MIN_PASSWORD } from '../users/actions';

export function Password() {
  const form = useForm(undefined, { old_password: '', password: '', again: '' },
    (v) => api.put('/api/user/password',
      { old_password: v.old_password, password: v.password }),
    (v) => ({
      old_password: required(v.old_password),
      password: v.password.length < MIN_PASSWORD && t('api.password8'),
      again: v.again !== v.password && t('password.differ'),
    }));
  if ((me.value?.source ?? 'local') !== 'local')
    return (
      <Section title={t('signIn.password')}>
        <p class="muted">{t('me.passwordElsewhere')}</p>
      </Section>
    );
  return (
    <Section title={t('signIn.password')} text={t('me.password.text')}>
      <Form of={form} label={t('me.changePassword')} onDone={() => {
        say(t('me.passwordChanged'));
        loadMe().catch(() => { me.value = undefined; });
      }}>
        <TextField name="old_password" label={t('me.oldPassword')}
          type="password" autocomplete="current-password" />
        <TextField name="password" label={t('password.new')} type="password" />
        <TextField name="again" label={t('password.again')} type="password" />
        <SaveBar action={t('me.changePassword')} />
      </Form>
    </Section>
  );
}

function SwitchOff({ onClose }: { onClose: () => void }) {
  const form = useForm(undefined, { code: '' }, async (v) => {
    await api.post('/api/tfa/totp/disable',
      { code: v.code.replace(/\s/g, '') });
    await loadMe();
  });
  return (
    <Dialog title={t('tfa.switchOff')} onClose={onClose}>
      <Form of={form} onDone={onClose}>
        <p>{t('tfa.switchOff.text')}</p>
        <TextField name="code" label={t('tfa.code')} oneTimeCode autofocus />
        <div><Button type="submit" kind="danger" busy={form.saving}>
          {t('tfa.switchOff')}</Button></div>
      </Form>
    </Dialog>
  );
}

function NewCodes({ onClose }: { onClose: () => void }) {
  const [codes, setCodes] = useState<string[] | undefined>();
  const form = useForm(undefined, { code: '' }, async (v) => {
    const r = await api.post<{ recovery_codes: string[] }>(
      '/api/tfa/recovery', { code: v.code.replace(/\s/g, '') });
    setCodes(r.recovery_codes);
  });
  return (
    <Dialog title={t('recovery.renew')} onClose={onClose}>
      {codes ? <Codes codes={codes} onDone={onClose} /> : (
        <Form of={form}>
          <p>{t('recovery.renew.text')}</p>
          <TextField name="code" label={t('tfa.code')} oneTimeCode />
          <div><Button type="submit" kind="primary" busy={form.saving}>
            {t('recovery.renew')}</Button></div>
        </Form>)}
    </Dialog>
  );
}

export function SecondFactor() {
  const [open, setOpen] = useState<'on' | 'off' | 'codes' | undefined>();
  const close = () => {
    setOpen(undefined);
    void loadMe();
  };
  const on = me.value?.tfa ?? false;
  return (
    <Section title={t('users.2fa')} text={t('tfa.text')}>
      <p>{on ? <State tone="good">{t('users.2faOn')}</State>
        : <State tone="off">{t('users.2faOff')}</State>}</p>
      <div class="buttons">{on
        ? <>
          <Button onClick={() => setOpen('codes')}>
            {t('recovery.renew')}…</Button>
          <Button onClick={() => setOpen('off')}>{t('tfa.switchOff')}…</Button>
        </>
        : <Button kind="primary" onClick={() => setOpen('on')}>
          {t('tfa.setUp')}</Button>}</div>
      {open === 'on' && (
        <Dialog title={t('tfa.title')} onClose={close}>
          <TotpSetup proof={{}} onDone={close} />
        </Dialog>)}
      {open === 'off' && <SwitchOff onClose={close} />}
      {open === 'codes' && <NewCodes onClose={close} />}
    </Section>
  );
}

const PATH = '/api/web/sessions/own';

function One({ s }: { s: OwnSession }) {
  return (
    <li>
      <div class="grow">
        <p><b>{s.name || s.device_id || t('me.aDevice')}</b>{' '}
          <span class="muted">{s.os}</span>{' '}
          {s.current && <Badge tone="good">{t('me.thisOne')}</Badge>}</p>
        <p class="muted small">{s.ip} · {t('me.lastUsed')} <Time at={s.seen} /></p>
      </div>
      {!s.current && (
        <Button small onClick={() => void act({
          run: () => api.remove(`${PATH}/${encodeURIComponent(s.id)}`),
          said: t('me.sessionEnded'), paths: [PATH] })}>
          {t('frame.signOut')}</Button>)}
    </li>
  );
}

export function Sessions() {
  const data = useData<{ data: OwnSession[] }>(PATH);
  return (
    <Section title={t('me.sessions')} text={t('me.sessions.text')}>
      <Loaded data={data} lines={3}>
        {(page) => <ul class="rows tall">
          {page.data.map((s) => <One key={s.id} s={s} />)}</ul>}
      </Loaded>
      <div>
        <Button icon={LogOut} onClick={() => ask({
          title: t('me.everywhere'), action: t('me.everywhere'), danger: true,
          text: t('me.everywhere.text'),
          run: async () => {
            await signOut(true);
            touch(PATH);
          } })}>{t('me.everywhere')}…</Button>
      </div>
    </Section>
  );
}
