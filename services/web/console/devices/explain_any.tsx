// The question about any user and any device.
import { useState } from 'preact/hooks';

import { useData } from '../../ui/data';
import type { Device } from '../../ui/model';
import { Picker } from '../../ui/picker';
import { Loaded } from '../../ui/states';
import { findDeviceByGuid } from '../find';
import { t } from '../texts';
import { Explain } from './explain';

export function ExplainAny() {
  const [guid, setGuid] = useState<string | undefined>();
  const [name, setName] = useState('');
  const data = useData<Device>(guid && '/api/devices/' + guid);
  return (
    <div class="stack">
      <div class="field">
        <label for="explain-device">{t('explain.device')}</label>
        <Picker id="explain-device" find={findDeviceByGuid} value={name}
          onPick={(f) => { setGuid(f?.value); setName(f?.label ?? ''); }} />
      </div>
      {guid && <Loaded data={data} lines={2}>
        {(d) => <Explain key={d.guid} device={d} />}
      </Loaded>}
    </div>
  );
}
