// Devices that are not in the lists: deleted ones, which stay away, retired
// ones, which come back when they report; and presets that wait for a yes.
import { Check, RotateCcw, X } from 'lucide';

import { DeviceId, Time } from '../../ui/controls';
import { deviceId } from '../../ui/format';
import { api } from '../../ui/http';
import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { Empty } from '../../ui/states';
import { act } from '../act';
import { t } from '../texts';

interface Away {
  guid: string;
  id: string;
}

interface Retired extends Away {
  device_name: string;
  note: string;
  retired_at: number; // Unix time
  retired_by: string; // '': the server itself
}

interface Waiting extends Away {
  hostname: string;
  since: number; // Unix time
  presets: Record<string, string>;
}

const DELETED = '/api/devices/deleted';
const RETIRED = '/api/devices/retired';
const WAITING = '/api/devices/presets';
const DEVICES = ['/api/devices', '/api/web/devices'];

const idColumn: Column<Away> = { id: 'id', title: t('devices.id'), wide: true,
  value: (d) => d.id, cell: (d) => <DeviceId id={d.id} /> };

export function DeletedDevices() {
  return (
    <ServerList<Away> id="deleted" label={t('settings.deleted')}
      path={DELETED} keyOf={(d) => d.guid} nameOf={(d) => deviceId(d.id)}
      columns={[idColumn]}
      menu={(d) => [{ label: t('deleted.restore'), icon: RotateCcw,
        run: () => void act({
          run: () => api.post(`${DELETED}/${d.guid}/restore`),
          said: t('deleted.restored', { name: deviceId(d.id) }),
          paths: [DELETED] }) }]}
      empty={<Empty title={t('deleted.empty')}>{t('deleted.text')}</Empty>} />
  );
}

export function RetiredDevices() {
  return (
    <ServerList<Retired> id="retired" label={t('settings.retired')}
      path={RETIRED} keyOf={(d) => d.guid}
      nameOf={(d) => d.device_name || deviceId(d.id)}
      columns={[
        { id: 'name', title: t('devices.name'), wide: true,
          value: (d) => d.device_name, cell: (d) => d.device_name },
        idColumn as Column<Retired>,
        { id: 'at', title: t('retired.at'), value: (d) => d.retired_at,
          cell: (d) => <Time at={d.retired_at} /> },
        { id: 'by', title: t('retired.by'), value: (d) => d.retired_by,
          cell: (d) => d.retired_by || t('retired.server') },
        { id: 'note', title: t('devices.note'), value: (d) => d.note,
          cell: (d) => d.note },
      ]}
      menu={(d) => [{ label: t('retired.restore'), icon: RotateCcw,
        run: () => void act({
          run: () => api.post(`${RETIRED}/${d.guid}/restore`),
          undo: () => api.post(`/api/devices/${d.guid}/retire`),
          said: t('retired.restored', { name: d.device_name || deviceId(d.id) }),
          paths: [RETIRED, ...DEVICES] }) }]}
      empty={<Empty title={t('retired.empty')}>{t('retired.text')}</Empty>} />
  );
}

function wish(presets: Record<string, string>): string {
  return Object.entries(presets)
    .map(([name, value]) => `${name}: ${value}`).join(', ');
}

export function WaitingPresets() {
  const answer = (d: Waiting, yes: boolean) => void act({
    run: () => yes ? api.post(`/api/devices/${d.guid}/approve`)
      : api.remove(`/api/devices/${d.guid}/presets`),
    said: t(yes ? 'waiting.approved' : 'waiting.refused',
      { name: d.hostname || deviceId(d.id) }),
    paths: [WAITING, ...DEVICES] });
  return (
    <ServerList<Waiting> id="waiting" label={t('settings.waiting')}
      path={WAITING} keyOf={(d) => d.guid}
      nameOf={(d) => d.hostname || deviceId(d.id)}
      columns={[
        { id: 'name', title: t('devices.name'), wide: true,
          value: (d) => d.hostname, cell: (d) => d.hostname },
        idColumn as Column<Waiting>,
        { id: 'wish', title: t('waiting.wish'), wide: true,
          value: (d) => wish(d.presets), cell: (d) => wish(d.presets) },
        { id: 'since', title: t('waiting.since'), value: (d) => d.since,
          cell: (d) => <Time at={d.since} /> },
      ]}
      menu={(d) => [
        { label: t('waiting.approve'), icon: Check, run: () => answer(d, true) },
        { label: t('waiting.refuse'), icon: X, run: () => answer(d, false) },
      ]}
      empty={<Empty title={t('waiting.empty')}>{t('waiting.text')}</Empty>} />
  );
}
