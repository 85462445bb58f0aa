// One user: who he is, what he may, how he signs in.
import { Badge, Facts, State, Time } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { CheckField, Form, SaveBar, TextField, useForm, useFormContext }
  from '../../ui/form';
import { api } from '../../ui/http';
import { useAll } from '../../ui/list/list';
import { MoreMenu } from '../../ui/menu';
import type { AdminRole, User } from '../../ui/model';
import { PickField } from '../../ui/picker';
import { go, path, place } from '../../ui/router';
import { Loaded } from '../../ui/states';
import { AccessChange } from '../access_change';
import { act } from '../act';
import { findControlRole, findStrategy, findUserGroup } from '../find';
import { Panel } from '../page';
import { fresh } from '../reauth';
import { admin, can } from '../session';
import { t } from '../texts';
import { isMe, mayDo, USER_PATHS, userMenu, userName } from './actions';

export function UserState({ u }: { u: User }) {
  if (u.status === 0)
    return <State tone="bad">{t('users.isDisabled')}</State>;
  return u.status === -1 ? <State tone="warn">{t('users.invited')}</State>
    : <State tone="good">{t('users.active')}</State>;
}

export function sourceName(source: string): string {
  return source === 'ldap' ? t('users.fromDirectory')
    : source.startsWith('oidc') ? t('users.fromSso') : t('users.local');
}

// Saves what was changed; Undo writes the former values back.
function saver<T extends object>(u: User, etag: string | undefined) {
  return async (_values: T, changed: Partial<T>) => {
    const before = Object.fromEntries(Object.keys(changed)
      .map((k) => [k, (u as unknown as Record<string, unknown>)[k]]));
    const write = (body: object, ifMatch?: string) => fresh(() =>
      api.patch('/api/users/' + u.guid, body, { ifMatch }));
    await write(changed, etag);
    await act({ run: async () => undefined, undo: () => write(before),
      said: t('users.saved', { name: userName(u) }), paths: USER_PATHS });
  };
}

interface PartProps {
  u: User;
  etag: string | undefined;
}

// What of a change of his details changes access.
function Preview({ u, changed }: { u: User; changed: Partial<User> }) {
  const body = Object.fromEntries(Object.entries(changed).filter(([k]) =>
    k === 'group_name' || k === 'control_role_name'));
  if (Object.keys(body).length === 0)
    return null;
  return <AccessChange of={JSON.stringify(body)} calls={() => [
    { method: 'PATCH', path: '/api/users/' + u.guid, body }]} />;
}

function Details({ u, etag }: PartProps) {
  const { name, display_name, email, note, group_name, control_role_name,
    strategy_name } = u;
  const form = useForm('user:' + u.guid, { name, display_name, email, note,
    group_name, control_role_name, strategy_name }, saver(u, etag));
  const may = (...rights: string[]) => mayDo(u, ...rights);
  return (
    <Form of={form} label={t('users.details')}>
      <div class="pair">
        {admin.value && <TextField name="name" label={t('users.name')} />}
        {may('users.note') && (
          <TextField name="display_name" label={t('users.displayName')} />)}
      </div>
      {may('users.email') && (
        <TextField name="email" label={t('users.email')} type="email" />)}
      {may('users.group') && (
        <PickField name="group_name" label={t('users.group')} clearable
          find={findUserGroup} />)}
      {may('users.role') && (
        <PickField name="control_role_name" label={t('users.controlRole')}
          clearable find={findControlRole} help={t('users.controlRole.help')} />)}
      {may('users.strategy') && (
        <PickField name="strategy_name" label={t('users.strategy')} clearable
          find={findStrategy} help={t('users.strategy.help')} />)}
      {may('users.note') && (
        <TextField name="note" label={t('users.note')} lines={2} />)}
      <Preview u={u} changed={form.changed} />
      {may('users.note', 'users.email', 'users.group', 'users.role',
        'users.strategy') && <SaveBar action={t('users.saveDetails')} />}
    </Form>
  );
}

function RoleBoxes({ roles }: { roles: readonly AdminRole[] }) {
  const form = useFormContext();
  const chosen = form.values['admin_roles'] as string[];
  if (roles.length === 0)
    return <p class="muted">{t('users.noRoles')}</p>;
  return (
    <fieldset class="field">
      <legend>{t('nav.adminRoles')}</legend>
      {roles.map((r) => (
        <label key={r.guid} class="check">
          <input type="checkbox" checked={chosen.includes(r.guid)}
            onChange={(e) => form.set({ admin_roles: e.currentTarget.checked
              ? [...chosen, r.guid] : chosen.filter((g) => g !== r.guid) })} />
          <span>{r.name}{r.note && <small>{r.note}</small>}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Rights({ u, etag }: PartProps) {
  const roles = useAll<AdminRole>('/api/admin-roles');
  const form = useForm('rights:' + u.guid,
    { is_admin: u.is_admin, admin_roles: u.admin_roles }, saver(u, etag));
  return (
    <Form of={form} label={t('users.rights')}>
      {!isMe(u) && <CheckField name="is_admin" label={t('users.fullAdmin')}
        help={t('users.fullAdmin.help')} />}
      {!form.values.is_admin && <Loaded data={roles} lines={2}>
        {(list) => <RoleBoxes roles={list} />}
      </Loaded>}
      <SaveBar action={t('users.saveRights')} />
    </Form>
  );
}

function SignInFacts({ u }: { u: User }) {
  return (
    <Facts of={[
      [t('users.state'), <UserState u={u} />],
      [t('users.source'), sourceName(u.source)],
      [t('users.2fa'), u.totp ? t('users.2faOn')
        : u.totp_enforced ? t('users.2faMust') : t('users.2faOff')],
      [t('users.passkeys'), u.passkeys],
      [t('users.mailCode'), u.info?.email_verification
        ? t('ui.yes') : t('ui.no')],
      [t('users.signedIn'), u.signed_in_at
        ? <Time at={u.signed_in_at} full /> : '–'],
      [t('users.since'), <Time at={u.created_at} full />],
      [t('nav.devices'), can('devices.view') && (
        <a href={'/devices?user=' + encodeURIComponent(u.name)}>
          {t('users.showDevices')}</a>)],
      [t('nav.audit'), can('audits.view') && (
        <a href={'/audit/console?operator=' + encodeURIComponent(u.name)}>
          {t('users.showChanges')}</a>)],
    ]} />
  );
}

export function UserPanel({ guid }: { guid: string }) {
  const data = useData<User>('/api/users/' + encodeURIComponent(guid));
  const u = data.value;
  const query = place.value.query.toString();
  const back = path.value.replace(/\/[^/]*$/, '') + (query ? '?' + query : '');
  if (!u)
    return (
      <Panel title={t('nav.users')} back={back}>
        <Loaded data={data}>{() => null}</Loaded>
      </Panel>
    );
  return (
    <Panel title={userName(u)} back={back} tools={
      <MoreMenu name={userName(u)} items={userMenu(u, () => {
        touch(...USER_PATHS);
        go(back);
      })} />}>
      <section><h3 class="sr">{t('users.signIn')}</h3>
        <SignInFacts u={u} /></section>
      <section><h3>{t('users.details')}</h3>
        <Details key={u.guid} u={u} etag={data.etag} /></section>
      {admin.value && (
        <section><h3>{t('users.rights')}{' '}
          {u.is_admin && <Badge tone="accent">{t('users.fullAdmin')}</Badge>}</h3>
        <Rights key={u.guid} u={u} etag={data.etag} /></section>
      )}
    </Panel>
  );
}
