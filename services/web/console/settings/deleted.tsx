// Devices that were deleted stay away until somebody lets them come back.
import { RotateCcw } from 'lucide';

import { DeviceId } from '../../ui/controls';
import { deviceId } from '../../ui/format';
import { api } from '../../ui/http';
import { ServerList } from '../../ui/list/list';
import { Empty } from '../../ui/states';
import { act } from '../act';
import { t } from '../texts';

interface Deleted {
  guid: string;
  id: string;
}

const PATH = '/api/devices/deleted';

export function DeletedDevices() {
  return (
    <ServerList<Deleted> id="deleted" label={t('settings.deleted')} path={PATH}
      keyOf={(d) => d.guid} nameOf={(d) => deviceId(d.id)}
      columns={[{ id: 'id', title: t('devices.id'), value: (d) => d.id,
        wide: true, cell: (d) => <DeviceId id={d.id} /> }]}
      menu={(d) => [{ label: t('deleted.restore'), icon: RotateCcw,
        run: () => void act({
          run: () => api.post(`${PATH}/${d.guid}/restore`),
          said: t('deleted.restored', { name: deviceId(d.id) }),
          paths: [PATH] }) }]}
      empty={<Empty title={t('deleted.empty')}>{t('deleted.text')}</Empty>} />
  );
}
