// The devices that are assigned to oneself.
import { MonitorPlay } from 'lucide';

import { DeviceId, LinkButton } from '../../ui/controls';
import { useData } from '../../ui/data';
import { deviceId } from '../../ui/format';
import { Section } from '../../ui/form';
import type { Page } from '../../ui/http';
import type { Device } from '../../ui/model';
import { Loaded } from '../../ui/states';
import { DeviceState } from '../devices/panel';
import { t } from '../texts';

const SHOWN = 200;

export function OwnDevices() {
  const data = useData<Page<Device>>('/api/web/devices/own',
    { pageSize: SHOWN, sort: 'name' }, 30);
  return (
    <Section title={t('me.devices')} text={t('me.devices.text')}>
      <Loaded data={data} lines={2}>
        {(page) => page.data.length === 0
          ? <p class="muted">{t('me.noDevices')}</p>
          : <ul class="rows tall">
            {page.data.map((d) => (
              <li key={d.guid}>
                <div class="grow"><p>{d.device_name || deviceId(d.id)}</p>
                  <p class="muted small"><DeviceId id={d.id} /></p></div>
                <DeviceState d={d} />
                <LinkButton icon={MonitorPlay} href={`rustdesk://${d.id}`}>
                  {t('devices.connect')}</LinkButton>
              </li>
            ))}
          </ul>}
      </Loaded>
    </Section>
  );
}
