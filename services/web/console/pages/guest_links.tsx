// Links by which people without an account reach a device for a while.
import { Ban, Pencil, Plus, Trash2 } from 'lucide';
import { useEffect } from 'preact/hooks';

import { Badge, Button, State, Time } from '../../ui/controls';
import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Filter } from '../../ui/list/view';
import type { Items } from '../../ui/menu';
import { place, setQuery } from '../../ui/router';
import { Empty } from '../../ui/states';
import { changeLink, endLink, GuestDialogs, shareWithGuest }
  from '../guests/dialogs';
import { GUEST_LINKS, type GuestLink, nameOf, STATES, usesOf }
  from '../guests/link';
import { Page } from '../page';
import { can } from '../session';
import { t } from '../texts';

const iso = (at: number) => at ? new Date(at * 1000).toISOString() : '';

function LinkState({ l }: { l: GuestLink }) {
  const [tone, word] = STATES[l.state];
  return <State tone={tone}>{t(word)}</State>;
}

function columns(): Column<GuestLink>[] {
  const others = can('users.view');
  return [
    { id: 'devices', title: t('guests.devices'), wide: true, value: nameOf,
      cell: (l) => <>{nameOf(l)} {l.pin && (
        <Badge>{t('guests.pin')}</Badge>)}</> },
    { id: 'state', title: t('guests.state'), phone: true,
      value: (l) => t(STATES[l.state][1]), cell: (l) => <LinkState l={l} /> },
    { id: 'maker', title: t('guests.maker'), hidden: !others,
      cell: (l) => l.user_name, value: (l) => l.user_name },
    { id: 'note', title: t('guests.note'), phone: true, cell: (l) => l.note,
      value: (l) => l.note },
    { id: 'expires', title: t('guests.expires'), value: (l) =>
      iso(l.expires_at), cell: (l) => <Time at={l.expires_at} /> },
    { id: 'uses', title: t('guests.used'), cell: usesOf, value: usesOf },
    { id: 'last', title: t('guests.lastUsed'), value: (l) =>
      iso(l.last_used_at), cell: (l) => <Time at={l.last_used_at} /> },
    { id: 'role', title: t('guests.role'), hidden: true,
      cell: (l) => l.control_role_name, value: (l) => l.control_role_name },
    { id: 'created', title: t('guests.created'), hidden: true,
      cell: (l) => <Time at={l.created_at} />,
      value: (l) => iso(l.created_at) },
  ];
}

function filters(): Filter[] {
  return can('users.view') ? [{ id: 'own', label: t('guests.maker'),
    say: () => t('guests.ownOnly'),
    options: [{ value: '1', label: t('guests.me') }] }] : [];
}

function menu(l: GuestLink): Items {
  const active = l.state === 'active';
  return [
    l.own && l.state !== 'revoked' && { label: t('guests.change') + '…',
      icon: Pencil, run: () => changeLink(l) },
    l.may_revoke && { label: t(active ? 'guests.revoke' : 'guests.remove')
      + '…', icon: active ? Ban : Trash2, danger: true,
    run: () => endLink(l) },
  ];
}

export default function GuestLinks() {
  const asked = place.value.query.get('new') === '1';
  useEffect(() => {
    if (!asked)
      return;
    setQuery({ new: undefined });
    shareWithGuest([]);
  }, [asked]);
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => shareWithGuest([])}>
      {t('guests.create')}</Button>);
  return (
    <Page title={t('nav.guestLinks')}>
      <ServerList<GuestLink> id="guest-links" label={t('nav.guestLinks')}
        path={GUEST_LINKS} every={10} columns={columns()} filters={filters()}
        keyOf={(l) => l.guid} nameOf={nameOf} menu={menu} bar={add}
        empty={<Empty title={t('guests.empty')} action={add}>
          {t('guests.empty.text')}</Empty>} />
      <GuestDialogs />
    </Page>
  );
}
