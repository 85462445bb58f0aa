// What can be done with users, for one and for many.
import { Ban, CircleCheck, KeyRound, Link, LogOut, ShieldCheck, ShieldOff,
  Trash2 } from 'lucide';
import { signal } from '@preact/signals';

import { ask } from '../../ui/dialog';
import { touch } from '../../ui/data';
import { CheckField, TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { type Job, runJob } from '../../ui/list/job';
import type { Items } from '../../ui/menu';
import type { User } from '../../ui/model';
import { PickField } from '../../ui/picker';
import { AccessChange, type Call } from '../access_change';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { findUserGroup } from '../find';
import { fresh } from '../reauth';
import { admin, can, feature, me } from '../session';
import { t } from '../texts';
import { relinking } from './relink';

export const USER_PATHS = ['/api/users'];
export const MIN_PASSWORD = 8;

export const userName = (u: User) => u.display_name || u.name;

const url = (u: User) => '/api/users/' + u.guid;

const enabling = (u: User, on: boolean): Call =>
  ({ method: 'POST', path: url(u) + (on ? '/enable' : '/disable') });

const deletion = (u: User): Call => ({ method: 'DELETE', path: url(u) });

function Preview({ list, call }: {
  list: readonly User[]; call: (u: User) => Call;
}) {
  return <AccessChange of={list.map((u) => u.guid).join()}
    count={list.length}
    calls={() => list.map(call)} />;
}

function setEnabled(u: User, on: boolean): Promise<void> {
  return api.post(url(u) + (on ? '/enable' : '/disable'));
}

export function isMe(u: User): boolean {
  return u.guid === me.value?.guid || u.name === me.value?.name;
}

async function remove(u: User): Promise<void> {
  if (u.status !== 0)
    await setEnabled(u, false);
  await fresh(() => api.remove(url(u)));
}

function askToggle(u: User): void {
  const on = u.status === 0;
  const name = userName(u);
  ask({
    title: t(on ? 'users.enableOne' : 'users.disableOne', { name }),
    text: t(on ? 'users.enable.text' : 'users.disable.text'),
    action: t(on ? 'users.enable' : 'users.disable'), danger: !on,
    more: <Preview list={[u]} call={(x) => enabling(x, on)} />,
    run: async () => {
      await setEnabled(u, on);
      await act({ run: async () => undefined, undo: () => setEnabled(u, !on),
        said: t(on ? 'users.enabled' : 'users.disabled', { name }),
        paths: USER_PATHS });
    },
  });
}

export function enforce(list: readonly User[], on: boolean): void {
  const call = (value: boolean) => () =>
    fresh(() => api.put('/api/users/tfa/totp/enforce', {
      user_guids: list.map((u) => u.guid), enforce: value,
    }));
  void act({
    run: call(on), undo: call(!on), paths: USER_PATHS,
    said: t(on ? 'users.enforced' : 'users.notEnforced', { n: list.length }),
  });
}

export function askLogout(list: readonly User[], done: () => void): void {
  const n = list.length;
  ask({
    title: t('users.logout'), action: t('users.logout'),
    text: n === 1 ? t('users.logout.one', { name: userName(list[0]!) })
      : t('users.logout.many', { n }),
    run: async () => {
      await api.post('/api/users/force-logout',
        { user_guids: list.map((u) => u.guid) });
      await act({ run: async () => undefined, paths: USER_PATHS,
        said: t('users.loggedOut', { n }) });
      done();
    },
  });
}

export function askRemovePasskeys(u: User): void {
  ask({
    title: t('users.passkeys.remove'), action: t('users.passkeys.remove'),
    danger: true, text: t('users.passkeys.text', { name: userName(u) }),
    run: async () => {
      await fresh(() => api.put('/api/users/disable_login_verification',
        { user_guids: [u.guid], type: 'passkeys' }));
      touch(...USER_PATHS);
    },
  });
}

export function askReset2fa(u: User, type: '2fa' | 'email'): void {
  ask({
    title: t('users.reset2fa'), action: t('users.reset2fa'), danger: true,
    text: t('users.reset2fa.text', { name: userName(u) }),
    run: async () => {
      await fresh(() => api.put('/api/users/disable_login_verification',
        { user_guids: [u.guid], type }));
      touch(...USER_PATHS);
    },
  });
}

// OP as the api calls it, done with all of them by the server.
function changeMany(
  op: string, list: readonly User[], title: string, done: () => void,
): void {
  const guids = list.map((u) => u.guid);
  void runJob(title, (id) => fresh(() =>
    api.post<Job>('/api/users/bulk', { id, op, guids })),
  { undo: op !== 'delete', touched: () => touch(...USER_PATHS) }).then(done);
}

export function askRemove(list: readonly User[], done: () => void): void {
  const one = list.length === 1 ? list[0] : undefined;
  const title = one ? t('users.deleteOne', { name: userName(one) })
    : t('users.deleteMany', { n: list.length });
  ask({
    title, text: t('users.delete.text'), action: t('users.delete'),
    danger: true, typed: one ? one.name : String(list.length),
    more: <Preview list={list} call={deletion} />,
    run: async () => {
      if (!one) {
        changeMany('delete', list, title, done);
        return;
      }
      await remove(one);
      touch(...USER_PATHS);
      done();
    },
  });
}

export function askEnableMany(
  all: readonly User[], on: boolean, done: () => void,
): void {
  const list = all.filter((u) => on || !isMe(u));
  const action = t(on ? 'users.enable' : 'users.disable');
  ask({
    title: t(on ? 'users.enableMany' : 'users.disableMany',
      { n: list.length }), action, danger: !on,
    text: t(on ? 'users.enable.text' : 'users.disable.text'),
    more: <Preview list={list} call={(u) => enabling(u, on)} />,
    run: async () => changeMany(on ? 'enable' : 'disable', list, action, done),
  });
}

export const newPassword = signal<User | undefined>(undefined);

export function PasswordDialog() {
  const u = newPassword.value;
  if (!u)
    return null;
  return (
    <FormDialog title={t('users.setPassword')} action={t('users.setPassword')}
      initial={{ password: '' }} onClose={() => { newPassword.value = undefined; }}
      check={(v) => ({
        password: v.password.length < MIN_PASSWORD && t('api.password8') })}
      save={(v) => fresh(() => api.patch(url(u), { password: v.password }))}>
      <p>{t('users.setPassword.text', { name: userName(u) })}</p>
      <TextField name="password" label={t('password.new')} type="password"
        autofocus />
    </FormDialog>
  );
}

export function CreateUser({ onClose }: { onClose: () => void }) {
  return (
    <FormDialog title={t('users.create')} action={t('users.create')}
      onClose={onClose}
      initial={{ name: '', display_name: '', email: '', password: '',
        group_name: '', is_admin: false }}
      check={(v) => ({
        name: required(v.name),
        password: v.password.length < MIN_PASSWORD && t('api.password8'),
      })}
      save={async (v) => {
        await (v.is_admin ? fresh(() => api.post('/api/users', v))
          : api.post('/api/users', v));
        touch(...USER_PATHS);
      }}>
      <div class="pair">
        <TextField name="name" label={t('users.name')} autofocus
          help={t('users.name.help')} />
        <TextField name="display_name" label={t('users.displayName')} />
      </div>
      <TextField name="email" label={t('users.email')} type="email" />
      <TextField name="password" label={t('users.firstPassword')}
        type="password" help={t('users.firstPassword.help')} />
      <PickField name="group_name" label={t('users.group')} clearable
        find={findUserGroup} />
      {admin.value && <CheckField name="is_admin" label={t('users.fullAdmin')}
        help={t('users.fullAdmin.help')} />}
    </FormDialog>
  );
}

export function InviteUser({ onClose }: { onClose: () => void }) {
  return (
    <FormDialog title={t('users.invite')} action={t('users.sendInvite')}
      onClose={onClose}
      initial={{ name: '', display_name: '', email: '', group_name: '' }}
      check={(v) => ({ name: required(v.name), email: required(v.email) })}
      save={async (v) => {
        await api.post('/api/users/invite', v);
        touch(...USER_PATHS);
      }}>
      <p>{t('users.invite.text')}</p>
      <TextField name="email" label={t('users.email')} type="email" autofocus />
      <div class="pair">
        <TextField name="name" label={t('users.name')} />
        <TextField name="display_name" label={t('users.displayName')} />
      </div>
      <PickField name="group_name" label={t('users.group')} clearable
        find={findUserGroup} />
    </FormDialog>
  );
}

export const canInvite = () => can('users.invite') && feature('mail');

// The api states which of one's rights count for somebody: nobody changes
// who has a right that he lacks.
export const mayDo = (u: User, ...rights: string[]) =>
  rights.some((r) => u.may.includes(r));

export function userMenu(u: User, gone: () => void): Items {
  const mine = isMe(u);
  const may = (right: string) => mayDo(u, right);
  return [
    may('users.password') && u.source === 'local' && {
      label: t('users.setPassword') + '…', icon: KeyRound,
      run: () => { newPassword.value = u; } },
    may('users.logout') && { label: t('users.logout') + '…', icon: LogOut,
      run: () => askLogout([u], () => undefined) },
    may('users.2fa') && { label: t(u.totp_enforced ? 'users.dropEnforce'
      : 'users.enforce'), icon: ShieldCheck,
    run: () => enforce([u], !u.totp_enforced) },
    may('users.2fa') && u.totp && { label: t('users.reset2fa') + '…',
      icon: ShieldOff, run: () => askReset2fa(u, '2fa') },
    may('users.2fa') && u.passkeys > 0 && {
      label: t('users.passkeys.remove') + '…',
      icon: ShieldOff, run: () => askRemovePasskeys(u) },
    admin.value && { label: t('users.relink') + '…', icon: Link,
      run: () => { relinking.value = u; } },
    'line',
    may('users.enable') && !mine && {
      label: t(u.status === 0 ? 'users.enable' : 'users.disable') + '…',
      icon: u.status === 0 ? CircleCheck : Ban, run: () => askToggle(u) },
    may('users.delete') && !mine && { label: t('users.delete') + '…',
      icon: Trash2, danger: true, run: () => askRemove([u], gone) },
  ];
}
