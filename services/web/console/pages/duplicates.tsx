// Devices that are probably one machine.
import { Merge } from 'lucide';
import { useState } from 'preact/hooks';

import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { deviceId } from '../../ui/format';
import { place } from '../../ui/router';
import { Empty } from '../../ui/states';
import { nameOf } from '../devices/actions';
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

export default function Duplicates() {
  const host = place.value.query.get('by') === 'host';
  const [open, setOpen] = useState<Group | undefined>();
  const merge = admin.value && ((g: Group) => setOpen(g));
  return (
    <Page title={t('nav.duplicates')}
      parents={[{ href: '/devices', label: t('nav.devices') }]}>
      <Tabs label={t('nav.duplicates')} of={[
        { href: '/duplicates', label: t('duplicates.machine'), here: !host },
        { href: '/duplicates?by=host', label: t('duplicates.host'),
          here: host }]} />
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
    </Page>
  );
}
