// Several entries of the inventory that are one machine become one.
import { useEffect, useState } from 'preact/hooks';

import { Button, DeviceId, Time } from '../../ui/controls';
import { sentence } from '../../ui/errors';
import { deviceId, list, seconds } from '../../ui/format';
import { api } from '../../ui/http';
import { Dialog } from '../../ui/dialog';
import type { Device } from '../../ui/model';
import { Note } from '../../ui/states';
import { act } from '../act';
import { type Key, t } from '../texts';
import { assign, DEVICE_PATHS, nameOf } from './actions';
import { DeviceState } from './panel';

export const DUPLICATES = '/api/devices/duplicates';

const MERGE = '/api/devices/merge';

export interface Group {
  count: number;
  devices: Device[]; // the online and the last seen first; 20 at most
}

const MEMBERS = {
  user_name: 'devices.user', device_group_name: 'devices.group',
  strategy_name: 'devices.strategy', device_name: 'devices.name',
  device_username: 'devices.username', note: 'devices.note',
} as const satisfies Record<string, Key>;

type Member = keyof typeof MEMBERS;

interface Outcome {
  members: Member[]; // what the kept one gets from the others
  entries: number; // of address books
}

interface Choice {
  keep: Device;
  remove: readonly Device[];
}

const body = ({ keep, remove }: Choice) =>
  ({ keep: keep.guid, remove: remove.map((d) => d.guid) });

// The texts come back to what they were, and the others into the list; what
// happened in address books stays.
async function undo({ keep, remove }: Choice, done: Outcome): Promise<void> {
  for (const d of remove)
    await api.post(`/api/devices/retired/${d.guid}/restore`);
  for (const m of done.members)
    await assign(keep, m, '');
}

async function merge(choice: Choice): Promise<void> {
  let done: Outcome = { members: [], entries: 0 };
  await act({
    run: async () => { done = await api.post<Outcome>(MERGE, body(choice)); },
    undo: () => undo(choice, done),
    said: t('duplicates.merged', { name: nameOf(choice.keep),
      n: choice.remove.length }),
    paths: [DUPLICATES, ...DEVICE_PATHS],
  });
}

// What the server says would happen; or why not.
function usePreview(choice: Choice): Outcome | string | undefined {
  const [said, setSaid] = useState<Outcome | string | undefined>();
  const asked = JSON.stringify(body(choice));
  useEffect(() => {
    let current = true;
    setSaid(undefined);
    if (choice.remove.length > 0)
      api.post<Outcome>(MERGE, { ...body(choice), preview: true })
        .then((o) => { if (current) setSaid(o); },
          (e: unknown) => { if (current) setSaid(sentence(e)); });
    return () => { current = false; };
  }, [asked]);
  return said;
}

function Will({ choice, outcome }: { choice: Choice; outcome: Outcome }) {
  const name = nameOf(choice.keep);
  return (
    <ul>
      <li>{outcome.members.length > 0
        ? t('duplicates.gets', { name,
          what: list(outcome.members.map((m) => t(MEMBERS[m]))) })
        : t('duplicates.getsNothing', { name })}</li>
      {outcome.entries > 0 && (
        <li>{t('duplicates.entries', { n: outcome.entries })}</li>)}
      <li>{t('duplicates.goes', { ids: list(choice.remove.map((d) =>
        deviceId(d.id))) })}</li>
    </ul>
  );
}

function Row({ d, keep, goes, onKeep, onGo }: {
  d: Device; keep: boolean; goes: boolean;
  onKeep: () => void; onGo: (goes: boolean) => void;
}) {
  const name = `${nameOf(d)} (${deviceId(d.id)})`;
  return (
    <tr>
      <th scope="row"><DeviceId id={d.id} /></th>
      <td>{nameOf(d)}</td>
      <td><DeviceState d={d} />{' '}
        {!d.is_online && <Time at={d.last_seen ?? seconds(d.last_online)} />}</td>
      <td><input type="radio" name="keep" checked={keep} onChange={onKeep}
        aria-label={t('duplicates.keepOne', { name })} /></td>
      <td><input type="checkbox" checked={goes} disabled={keep}
        onChange={(e) => onGo(e.currentTarget.checked)}
        aria-label={t('duplicates.goOne', { name })} /></td>
    </tr>
  );
}

export function MergeDialog({ group, onClose }: {
  group: Group; onClose: () => void;
}) {
  const [keep, setKeep] = useState(group.devices[0]!);
  const [stay, setStay] = useState<readonly string[]>(group.devices
    .filter((d) => d.is_online).map((d) => d.guid));
  const goes = (d: Device) => d !== keep && !stay.includes(d.guid);
  const choice = { keep, remove: group.devices.filter(goes) };
  const said = usePreview(choice);
  const run = () => { onClose(); void merge(choice); };
  return (
    <Dialog wide title={t('duplicates.title')} onClose={onClose} foot={<>
      <Button onClick={onClose}>{t('ui.cancel')}</Button>
      <Button kind="primary" onClick={run}
        disabled={typeof said !== 'object'}>{t('duplicates.merge')}</Button>
    </>}>
      <div class="table" tabIndex={-1}>
        <table class="plain-table">
          <thead><tr>
            <th scope="col">{t('devices.id')}</th>
            <th scope="col">{t('devices.name')}</th>
            <th scope="col">{t('devices.state')}</th>
            <th scope="col">{t('duplicates.keep')}</th>
            <th scope="col">{t('duplicates.go')}</th>
          </tr></thead>
          <tbody>{group.devices.map((d) => (
            <Row key={d.guid} d={d} keep={d === keep} goes={goes(d)}
              onKeep={() => setKeep(d)}
              onGo={(on) => setStay(on ? stay.filter((g) => g !== d.guid)
                : [...stay, d.guid])} />))}
          </tbody>
        </table>
      </div>
      {choice.remove.length === 0 && <p>{t('duplicates.choose')}</p>}
      {typeof said === 'string' && <Note tone="bad">{said}</Note>}
      {typeof said === 'object' && <Will choice={choice} outcome={said} />}
    </Dialog>
  );
}
