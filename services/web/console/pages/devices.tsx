// Every device of the site.
import { Archive, Ban, Boxes, CircleCheck, SlidersHorizontal, Trash2,
  UserRound } from 'lucide';

import { Button, DeviceId, LinkButton, Time } from '../../ui/controls';
import { deviceId, seconds, system } from '../../ui/format';
import { type ChosenRows, ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Filter } from '../../ui/list/view';
import { Menu } from '../../ui/menu';
import type { Device } from '../../ui/model';
import { go, type Params, place } from '../../ui/router';
import { Empty } from '../../ui/states';
import { ASSIGNMENTS, askRemoveMany, changeMany, DEVICE_PATHS, DeviceDialogs,
  deviceMenu, nameOf, openAssign } from '../devices/actions';
import { DevicePanel, DeviceState } from '../devices/panel';
import { findDeviceGroup, findStrategy, findUser, findUserGroup } from '../find';
import { GuestDialogs } from '../guests/dialogs';
import { type ImportOf, ImportButton } from '../import';
import { Page } from '../page';
import { can } from '../session';
import { t } from '../texts';

const seen = (d: Device) => d.last_seen ?? seconds(d.last_online);
const DAY = 86400;
const UNSEEN_DAYS = [7, 30, 90, 365];
const ADDED_DAYS = [1, 7, 30, 365];

function columns(): Column<Device>[] {
  return [
    { id: 'name', title: t('devices.name'), sort: 'name', wide: true,
      cell: nameOf, value: nameOf },
    { id: 'state', title: t('devices.state'), sort: 'online', phone: true,
      cell: (d) => <DeviceState d={d} />,
      value: (d) => t(d.status === 0 ? 'devices.isDisabled'
        : d.is_online ? 'devices.online' : 'devices.offline') },
    { id: 'id', title: t('devices.id'), sort: 'id', value: (d) => d.id,
      cell: (d) => <DeviceId id={d.id} /> },
    { id: 'user', title: t('devices.user'), sort: 'user',
      cell: (d) => d.user_name, value: (d) => d.user_name },
    { id: 'group', title: t('devices.group'), sort: 'device_group',
      cell: (d) => d.device_group_name, value: (d) => d.device_group_name },
    { id: 'strategy', title: t('devices.strategy'), sort: 'strategy',
      cell: (d) => d.strategy_name, value: (d) => d.strategy_name },
    { id: 'os', title: t('devices.os'), sort: 'os',
      cell: (d) => system(d.os ?? d.info?.['os']),
      value: (d) => system(d.os ?? d.info?.['os']) },
    { id: 'version', title: t('devices.version'), sort: 'version',
      cell: (d) => d.version ?? d.info?.['version'],
      value: (d) => d.version ?? d.info?.['version'] },
    { id: 'seen', title: t('devices.lastSeen'), sort: 'last_seen',
      cell: (d) => d.is_online ? t('devices.now') : <Time at={seen(d)} />,
      value: (d) => new Date(seen(d) * 1000).toISOString() },
    { id: 'username', title: t('devices.username'), sort: 'username',
      hidden: true, cell: (d) => d.device_username,
      value: (d) => d.device_username },
    { id: 'userGroup', title: t('devices.userGroup'), sort: 'user_group',
      hidden: true, cell: (d) => d.group_name, value: (d) => d.group_name },
    { id: 'address', title: t('devices.address'), sort: 'address', hidden: true,
      cell: (d) => d.address, value: (d) => d.address },
    { id: 'added', title: t('devices.added'), sort: 'created_at', hidden: true,
      cell: (d) => <Time at={d.created_at} />,
      value: (d) => new Date(d.created_at * 1000).toISOString() },
    { id: 'note', title: t('devices.note'), sort: 'note', hidden: true,
      cell: (d) => d.note, value: (d) => d.note },
  ];
}

function filters(): Filter[] {
  const now = Math.floor(Date.now() / 1000 / DAY) * DAY;
  const days = (since: string) => Math.round((now - Number(since)) / DAY);
  return [
    { id: 'online', label: t('devices.state'), say: (v) =>
      t(v === '1' ? 'devices.filterOnline' : 'devices.filterOffline'),
    options: [{ value: '1', label: t('devices.online') },
      { value: '0', label: t('devices.offline') }] },
    { id: 'status', label: t('devices.allowed'), say: (v) =>
      t(v === '1' ? 'devices.filterEnabled' : 'devices.filterDisabled'),
    options: [{ value: '1', label: t('ui.yes') },
      { value: '0', label: t('ui.no') }] },
    { id: 'seen_before', label: t('devices.unseen'),
      say: (v) => t('devices.filterUnseen', { n: days(v) }),
      options: UNSEEN_DAYS.map((n) => ({
        value: String(now - n * DAY), label: t('devices.days', { n }) })) },
    { id: 'created_after', label: t('devices.added'),
      say: (v) => `${t('devices.added')}: ${t('devices.within',
        { n: days(v) })}`,
      options: ADDED_DAYS.map((n) => ({
        value: String(now - n * DAY), label: t('devices.within', { n }) })) },
    { id: 'unassigned', label: t('devices.unassigned'),
      say: () => t('devices.filterUnassigned'),
      options: [{ value: '1', label: t('ui.yes') }] },
    { id: 'id', label: t('devices.id'), read: (v) => v.replace(/\s/g, ''),
      say: (v) => `${t('devices.id')}: ${deviceId(v)}` },
    { id: 'name', label: t('devices.name') },
    { id: 'user', label: t('devices.user'), find: findUser },
    { id: 'user_group', label: t('devices.userGroup'), find: findUserGroup },
    { id: 'device_group', label: t('devices.group'), find: findDeviceGroup },
    { id: 'strategy', label: t('devices.strategy'), find: findStrategy },
    { id: 'username', label: t('devices.username') },
    { id: 'os', label: t('devices.os') },
    { id: 'version', label: t('devices.version') },
    { id: 'address', label: t('devices.address') },
    { id: 'note', label: t('devices.note') },
  ];
}

function Bulk({ chosen }: { chosen: ChosenRows<Device> }) {
  const icons = [UserRound, Boxes, SlidersHorizontal];
  const assign = ASSIGNMENTS.filter((a) => can(a.right));
  return (
    <>
      {assign.length > 0 && (
        <Menu label={t('devices.assign')} kind="plain" icon={UserRound}
          items={assign.map((a) => ({
            label: t(a.title) + '…', icon: icons[ASSIGNMENTS.indexOf(a)]!,
            run: () => openAssign(a, chosen),
          }))}>{t('devices.assign')}</Menu>
      )}
      {can('devices.enable') && <>
        <Button icon={CircleCheck} onClick={() =>
          changeMany('enable', chosen, t('devices.enable'))}>
          {t('devices.enable')}</Button>
        <Button icon={Ban} onClick={() =>
          changeMany('disable', chosen, t('devices.disable'))}>
          {t('devices.disable')}</Button>
      </>}
      {can('devices.delete') && <>
        <Button icon={Archive} onClick={() =>
          changeMany('retire', chosen, t('devices.retire'))}>
          {t('devices.retire')}</Button>
        <Button icon={Trash2} onClick={() => askRemoveMany(chosen)}>
          {t('devices.delete')}…</Button>
      </>}
    </>
  );
}

const importOf = (): ImportOf => ({
  title: t('devices.import'), path: '/api/devices/import',
  columns: 'id, device_name, device_username, user_name, device_group_name, '
    + 'strategy_name, note, status', paths: DEVICE_PATHS,
  note: t('devices.import.note'),
});

export default function Devices({ params }: { params: Params }) {
  const guid = params['guid'];
  const query = place.value.query.toString();
  const to = (d: Device) =>
    `/devices/${d.guid}${query ? '?' + query : ''}`;
  return (
    <Page title={t('nav.devices')}
      panel={guid && <DevicePanel key={guid} guid={guid} />}>
      <ServerList<Device> id="devices" label={t('nav.devices')}
        path="/api/web/devices" every={10} columns={columns()}
        filters={filters()} keyOf={(d) => d.guid} nameOf={nameOf} href={to}
        searchLabel={t('devices.search')} here={guid}
        menu={(d) => deviceMenu(d, () => { if (guid) go('/devices'); })}
        bulk={(chosen) => <Bulk chosen={chosen} />}
        exportPath="/api/devices/export"
        bar={can('devices.info', 'devices.assign', 'devices.enable')
          && <ImportButton of={importOf()} />}
        empty={
          <Empty title={t('devices.empty')} action={
            <LinkButton kind="primary" href="/setup">
              {t('devices.setUp')}</LinkButton>}>
            {t('devices.empty.text')}
          </Empty>
        } />
      <DeviceDialogs />
      <GuestDialogs />
    </Page>
  );
}
