// Devices that are probably one machine, and machines that are one device.
import { Merge, MonitorCheck, RefreshCw, Split } from 'lucide';
import { useState } from 'preact/hooks';

import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { Time, State } from '../../ui/controls';
import { deviceId, list } from '../../ui/format';
import { place } from '../../ui/router';
import { Empty } from '../../ui/states';
import { nameOf } from '../devices/actions';
import { check, type Clone, CloneDialog, CLONES, hostOf, ignore }
  from '../devices/clones';
import { DUPLICATES, type Group, MergeDialog } from '../devices/duplicates';
import { DeviceState } from '../devices/panel';
import { Page, Tabs } from '../page';
import { admin } from '../session';
import { t } from '../texts';

const groupName = (g: Group) => g.devices[0] ? nameOf(g.devices[0]) : '';

function columns(): Column<Group>[] {
  const ids = (g: Group) => g.devices.map((d) => deviceId(d.id)).join(', ');
  return [
    { id: 'name', title: t('devices.name'), wide: true, value: groupName,
      cell: groupName },
    { id: 'count', title: t('duplicates.count'), phone: true,
      value: (g) => g.count, cell: (g) => g.count },
    { id: 'ids', title: t('duplicates.ids'), wide: true, value: ids,
      cell: ids },
    { id: 'state', title: t('duplicates.newest'),
      value: (g) => g.devices[0]?.id,
      cell: (g) => g.devices[0] && <DeviceState d={g.devices[0]} /> },
  ];
}

function cloneColumns(): Column<Clone>[] {
  const hosts = (c: Clone) => list(c.machines.map(hostOf));
  return [
    { id: 'id', title: t('devices.id'), phone: true, value: (c) => c.id,
      cell: (c) => deviceId(c.id) },
    { id: 'machines', title: t('clones.machines'), wide: true, value: hosts,
      cell: hosts },
    { id: 'created_at', title: t('clones.since'), value: (c) => c.created_at,
      cell: (c) => <Time at={c.created_at} /> },
    { id: 'state', title: t('clones.state'),
      value: (c) => Number(c.ignored),
      cell: (c) => c.ignored
        ? <State tone="off">{t('clones.isIgnored')}</State>
        : <State tone="warn">{t('clones.open')}</State> },
  ];
}

function Clones() {
  const [open, setOpen] = useState<Clone | undefined>();
  const menu = (c: Clone) => [
    { label: t('clones.resolve') + '…', icon: Split, run: () => setOpen(c) },
    { label: t('clones.check'), icon: RefreshCw, run: () => check(c) },
    ...c.ignored ? [] : [{ label: t('clones.ignore'), icon: MonitorCheck,
      run: () => ignore(c) }],
  ];
  return (
    <>
      <p class="muted">{t('clones.text')}</p>
      <ServerList<Clone> id="clones" label={t('clones.tab')} path={CLONES}
        fixed={{ pageSize: 50 }} columns={cloneColumns()}
        keyOf={(c) => c.guid} nameOf={(c) => deviceId(c.id)}
        {...admin.value && { open: setOpen, menu }}
        empty={<Empty title={t('clones.empty')}>
          {t('clones.empty.text')}</Empty>} />
      {open && <CloneDialog clone={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Groups({ host }: { host: boolean }) {
  const [open, setOpen] = useState<Group | undefined>();
  const merge = admin.value && ((g: Group) => setOpen(g));
  return (
    <>
      <p class="muted">{t(host ? 'duplicates.host.text'
        : 'duplicates.machine.text')}</p>
      <ServerList<Group> key={String(host)} id="duplicates"
        label={t('nav.duplicates')} path={DUPLICATES}
        fixed={{ by: host ? 'host' : 'machine', pageSize: 50 }}
        columns={columns()}
        keyOf={(g) => g.devices.map((d) => d.guid).join()} nameOf={groupName}
        {...merge && { open: merge, menu: (g: Group) => [
          { label: t('duplicates.merge') + '…', icon: Merge,
            run: () => merge(g) }] }}
        empty={<Empty title={t('duplicates.empty')}>
          {t('duplicates.empty.text')}</Empty>} />
      {open && <MergeDialog group={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

export default function Duplicates() {
  const by = place.value.query.get('by');
  const tabs = [['', 'duplicates.machine'], ['host', 'duplicates.host'],
    ['copy', 'clones.tab']] as const;
  return (
    <Page title={t('nav.duplicates')}
      parents={[{ href: '/devices', label: t('nav.devices') }]}>
      <Tabs label={t('nav.duplicates')} of={tabs.map(([id, name]) => ({
        href: '/duplicates' + (id && '?by=' + id), label: t(name),
        here: (by ?? '') === id }))} />
      {by === 'copy' ? <Clones /> : <Groups host={by === 'host'} />}
    </Page>
  );
}
