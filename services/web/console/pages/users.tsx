// Everybody with an account, and invitations.
import { Ban, CircleCheck, LogOut, Mail, Plus, ShieldCheck, Trash2 }
  from 'lucide';

import { Badge, Button, Time } from '../../ui/controls';
import { type ChosenRows, ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Filter } from '../../ui/list/view';
import type { User } from '../../ui/model';
import { go, type Params, place, setQuery } from '../../ui/router';
import { Empty } from '../../ui/states';
import { fail, say } from '../../ui/toast';
import { findControlRole, findStrategy, findUserGroup } from '../find';
import { type ImportOf, ImportButton } from '../import';
import { Page } from '../page';
import { can } from '../session';
import { t } from '../texts';
import { askEnableMany, askLogout, askRemove, canInvite, CreateUser, enforce,
  InviteUser, mayDo, PasswordDialog, USER_PATHS, userMenu, userName }
  from '../users/actions';
import { RelinkDialog } from '../users/relink';
import { sourceName, UserPanel, UserState } from '../users/panel';

function columns(): Column<User>[] {
  return [
    { id: 'name', title: t('users.name'), sort: 'name', wide: true,
      value: (u) => u.name,
      cell: (u) => <>{userName(u)}{u.display_name && (
        <span class="muted"> {u.name}</span>)}</> },
    { id: 'state', title: t('users.state'), sort: 'status', phone: true,
      value: (u) => u.status, cell: (u) => <UserState u={u} /> },
    { id: 'email', title: t('users.email'), sort: 'email', cell: (u) => u.email,
      value: (u) => u.email },
    { id: 'group', title: t('users.group'), sort: 'group_name',
      cell: (u) => u.group_name, value: (u) => u.group_name },
    { id: 'rights', title: t('users.rights'), sort: 'rights',
      value: (u) => u.is_admin ? t('users.fullAdmin')
        : u.admin_roles.length || '',
      cell: (u) => u.is_admin
        ? <Badge tone="accent">{t('users.fullAdmin')}</Badge>
        : u.admin_roles.length > 0
          && t('users.roleCount', { n: u.admin_roles.length }) },
    { id: 'tfa', title: t('users.2fa'), sort: 'totp', value: (u) => u.totp,
      cell: (u) => u.totp ? t('users.2faOn')
        : u.totp_enforced ? <Badge tone="warn">{t('users.2faMust')}</Badge>
          : <span class="muted">{t('users.2faOff')}</span> },
    { id: 'signedIn', title: t('users.signedIn'), sort: 'signed_in_at',
      cell: (u) => u.signed_in_at ? <Time at={u.signed_in_at} />
        : <span class="muted">–</span>,
      value: (u) => u.signed_in_at
        && new Date(u.signed_in_at * 1000).toISOString() },
    { id: 'role', title: t('users.controlRole'), sort: 'control_role_name',
      hidden: true,
      cell: (u) => u.control_role_name, value: (u) => u.control_role_name },
    { id: 'strategy', title: t('users.strategy'), sort: 'strategy_name',
      hidden: true,
      cell: (u) => u.strategy_name, value: (u) => u.strategy_name },
    { id: 'source', title: t('users.source'), sort: 'source', hidden: true,
      cell: (u) => sourceName(u.source), value: (u) => u.source },
    { id: 'since', title: t('users.since'), sort: 'created_at', hidden: true,
      cell: (u) => <Time at={u.created_at} />,
      value: (u) => new Date(u.created_at * 1000).toISOString() },
    { id: 'note', title: t('users.note'), sort: 'note', hidden: true,
      cell: (u) => u.note, value: (u) => u.note },
  ];
}

const DAY = 86400;
const AWAY_DAYS = [7, 30, 90, 365];

// As a column of names has them.
const choices = (id: string, label: string, all: Record<string, string>): Filter =>
  ({ id, label, options: Object.entries(all)
    .map(([value, name]) => ({ value, label: name })) });

function filters(): Filter[] {
  const now = Math.floor(Date.now() / 1000 / DAY) * DAY;
  return [
    { id: 'status', label: t('users.state'), options: [
      { value: '1', label: t('users.active') },
      { value: '0', label: t('users.isDisabled') },
      { value: '-1', label: t('users.invited') }] },
    choices('rights', t('users.rights'), { all: t('users.fullAdmin'),
      some: t('me.someRights'), none: t('users.noRights') }),
    choices('totp', t('users.2fa'), { 1: t('users.2faOn'),
      0: t('users.2faOff') }),
    choices('source', t('users.source'), { local: t('users.local'),
      ldap: t('users.fromDirectory'), oidc: t('users.fromSso') }),
    { id: 'signed_in_before', label: t('users.notSignedIn'),
      say: (v) => t('users.filterAway',
        { n: Math.round((now - Number(v)) / DAY) }),
      options: AWAY_DAYS.map((n) => ({
        value: String(now - n * DAY), label: t('devices.days', { n }) })) },
    { id: 'group_name', label: t('users.group'), find: findUserGroup },
    { id: 'control_role_name', label: t('users.controlRole'),
      find: findControlRole },
    { id: 'strategy_name', label: t('users.strategy'), find: findStrategy },
    { id: 'email', label: t('users.email') },
    { id: 'note', label: t('users.note') },
  ];
}

function Bulk({ chosen }: { chosen: ChosenRows<User> }) {
  // Those for whom RIGHT counts.
  const run = (right: string, act: (rows: readonly User[]) => void) => {
    chosen.rows().then((rows) => {
      const his = rows.filter((u) => mayDo(u, right));
      if (his.length > 0)
        act(his);
      else
        say(t('users.noneMay'));
    }, fail);
  };
  return (
    <>
      {can('users.2fa') && (
        <Button icon={ShieldCheck} onClick={() => run('users.2fa', (r) => enforce(r, true))}>
          {t('users.enforce')}</Button>)}
      {can('users.logout') && (
        <Button icon={LogOut} onClick={() => run('users.logout', (r) =>
          askLogout(r, chosen.clear))}>{t('users.logout')}…</Button>)}
      {can('users.enable') && <>
        <Button icon={CircleCheck} onClick={() => run('users.enable', (r) =>
          askEnableMany(r, true, chosen.clear))}>{t('users.enable')}…</Button>
        <Button icon={Ban} onClick={() => run('users.enable', (r) =>
          askEnableMany(r, false, chosen.clear))}>{t('users.disable')}…</Button>
      </>}
      {can('users.delete') && (
        <Button icon={Trash2} onClick={() => run('users.delete', (r) =>
          askRemove(r, chosen.clear))}>{t('users.delete')}…</Button>)}
    </>
  );
}

const importOf = (): ImportOf => ({
  title: t('users.import'), path: '/api/users/import', paths: USER_PATHS,
  columns: 'name, display_name, email, group_name, control_role_name, '
    + 'strategy_name, note, password', note: t('users.import.note'),
});

function Make() {
  const open = place.value.query.get('new');
  const close = () => setQuery({ new: undefined });
  return (
    <>
      {can('users.create') && <ImportButton of={importOf()} />}
      {canInvite() && (
        <Button icon={Mail} onClick={() => setQuery({ new: 'invite' })}>
          {t('users.invite')}…</Button>)}
      {can('users.create') && (
        <Button kind="primary" icon={Plus}
          onClick={() => setQuery({ new: '1' })}>{t('users.create')}</Button>)}
      {open === '1' && can('users.create') && <CreateUser onClose={close} />}
      {open === 'invite' && canInvite() && <InviteUser onClose={close} />}
    </>
  );
}

export default function Users({ params }: { params: Params }) {
  const guid = params['guid'];
  const query = place.value.query.toString();
  return (
    <Page title={t('nav.users')}
      panel={guid && <UserPanel key={guid} guid={guid} />}>
      <ServerList<User> id="users" label={t('nav.users')} path="/api/users"
        columns={columns()} filters={filters()} keyOf={(u) => u.guid}
        nameOf={userName} here={guid} searchLabel={t('users.search')}
        href={(u) => `/users/${u.guid}${query ? '?' + query : ''}`}
        menu={(u) => userMenu(u, () => { if (guid) go('/users'); })}
        bulk={(chosen) => <Bulk chosen={chosen} />} bar={<Make />}
        exportPath="/api/users/export"
        empty={<Empty title={t('users.empty')} action={<Make />} />} />
      <PasswordDialog />
      <RelinkDialog />
    </Page>
  );
}
