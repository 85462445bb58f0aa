// What can be done with devices, for one and for many.
import { Archive, Ban, Boxes, CircleCheck, Copy, Link, MonitorPlay, Pencil, SlidersHorizontal,
  Trash2, UserRound } from 'lucide';
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';

import { Button, copy } from '../../ui/controls';
import { ask, Dialog } from '../../ui/dialog';
import { touch } from '../../ui/data';
import { deviceId } from '../../ui/format';
import { TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { type Job, runJob, type Target } from '../../ui/list/job';
import type { Items } from '../../ui/menu';
import { type Find, type Found, Picker } from '../../ui/picker';
import type { Device } from '../../ui/model';
import { AccessChange, type Call, make } from '../access_change';
import { act } from '../act';
import { FormDialog } from '../create';
import { findDeviceGroup, findStrategy, findUser } from '../find';
import { shareWithGuest } from '../guests/dialogs';
import { fresh } from '../reauth';
import { can } from '../session';
import { type Key, t } from '../texts';

export const DEVICE_PATHS = ['/api/web/devices', '/api/devices'];

export const nameOf = (d: Device) => d.device_name || deviceId(d.id);

type Field = 'user_name' | 'device_group_name' | 'strategy_name' | 'note'
  | 'device_name' | 'device_username';

const assigning = (guid: string, type: Field, value: string): Call =>
  ({ method: 'POST', path: `/api/devices/${guid}/assign`,
    body: { type, value } });

export function assign(d: Device, type: Field, value: string): Promise<void> {
  return make(assigning(d.guid, type, value));
}

// Nobody reaches what is deleted, as nobody reaches what is disabled.
const disabling = (guid: string): Call =>
  ({ method: 'POST', path: `/api/devices/${guid}/disable` });

export function setEnabled(d: Device, on: boolean): Promise<void> {
  return api.post(`/api/devices/${d.guid}/${on ? 'enable' : 'disable'}`);
}

// The api deletes only what is disabled.
async function remove(d: Device): Promise<void> {
  if (d.status !== 0)
    await setEnabled(d, false);
  await api.remove(`/api/devices/${d.guid}`);
}

export interface Assignment {
  field: Field;
  title: Key;
  find: Find;
  right: string;
  reach: boolean; // it changes who may reach the device
}

export const ASSIGNMENTS: readonly Assignment[] = [
  { field: 'user_name', title: 'devices.assignUser', find: findUser,
    right: 'devices.assign', reach: true },
  { field: 'device_group_name', title: 'devices.assignGroup',
    find: findDeviceGroup, right: 'devices.group', reach: true },
  { field: 'strategy_name', title: 'devices.assignStrategy',
    find: findStrategy, right: 'devices.strategy', reach: false },
];

// Those that were chosen in the list.
export interface Many {
  count: number;
  target: Target;
  rows: () => Promise<readonly Device[]>;
  clear: () => void;
}

async function guidsOf(of: Device | Many): Promise<readonly string[]> {
  if ('guid' in of)
    return [of.guid];
  return 'guids' in of.target ? of.target.guids
    : (await of.rows()).map((d) => d.guid);
}

// CALL, of each, named by WHAT.
function Preview({ of, what, call }: {
  of: Device | Many; what: string; call: (guid: string) => Call;
}) {
  return <AccessChange of={what} count={'guid' in of ? 1 : of.count}
    calls={async () => (await guidsOf(of)).map(call)} />;
}

interface Open {
  what: Assignment | 'edit';
  of: Device | Many;
}

const open = signal<Open | undefined>(undefined);

export function toggle(d: Device): void {
  const on = d.status === 0;
  void act({
    run: () => setEnabled(d, on), undo: () => setEnabled(d, !on),
    said: t(on ? 'devices.enabled' : 'devices.disabled', { name: nameOf(d) }),
    paths: DEVICE_PATHS,
  });
}

function retire(d: Device): Promise<void> {
  return api.post(`/api/devices/${d.guid}/retire`);
}

function takeBack(d: Device): Promise<void> {
  return api.post(`/api/devices/retired/${d.guid}/restore`);
}

export function retireOne(d: Device, done: () => void): void {
  void act({ run: () => retire(d), undo: () => takeBack(d),
    said: t('devices.retired', { name: nameOf(d) }), paths: DEVICE_PATHS })
    .then(done);
}

export function askRemove(d: Device, done: () => void): void {
  ask({
    title: t('devices.deleteOne', { name: nameOf(d) }), danger: true,
    text: t('devices.delete.text'), action: t('devices.delete'),
    more: <Preview of={d} what={d.guid} call={disabling} />,
    run: async () => {
      await remove(d);
      touch(...DEVICE_PATHS);
      done();
    },
  });
}

// OP as the api calls it, done with all of them by the server.
export function changeMany(
  op: string, many: Many, title: string, value = '',
): void {
  const { target } = many;
  const [what, query] = 'guids' in target
    ? [{ guids: target.guids }, {}] : [{ matching: true }, target.matching];
  const begin = (id: string) => fresh(() => api.post<Job>('/api/devices/bulk',
    { id, op, value, ...what }, { query }));
  void runJob(title, begin, { undo: op !== 'delete',
    touched: () => touch(...DEVICE_PATHS) }).then(many.clear);
}

export function askRemoveMany(many: Many): void {
  const title = t('devices.deleteMany', { n: many.count });
  ask({
    title, text: t('devices.delete.text'), action: t('devices.delete'),
    danger: true, typed: String(many.count),
    more: <Preview of={many} what="" call={disabling} />,
    run: async () => changeMany('delete', many, title),
  });
}

function assignOne(d: Device, field: Field, value: string): void {
  void act({
    run: () => assign(d, field, value), undo: () => assign(d, field, d[field]),
    said: t('devices.changed', { name: nameOf(d) }), paths: DEVICE_PATHS,
  });
}

export function openAssign(what: Assignment | 'edit', of: Device | Many): void {
  open.value = { what, of };
}

const NONE = '-';

function AssignDialog({ of, what }: { of: Device | Many; what: Assignment }) {
  const [found, setFound] = useState<Found | undefined>();
  const close = () => { open.value = undefined; };
  const title = t(what.title);
  const value = !found || found.value === NONE ? '' : found.value;
  const save = () => {
    close();
    if ('guid' in of)
      assignOne(of, what.field, value);
    else
      changeMany(what.field, of, title, value);
  };
  return (
    <Dialog title={title} onClose={close} foot={<>
      <Button onClick={close}>{t('ui.cancel')}</Button>
      <Button kind="primary" disabled={!found} onClick={save}>{title}</Button>
    </>}>
      <p class="muted">{'guid' in of ? nameOf(of)
        : t('devices.count', { n: of.count })}</p>
      <Picker label={title} find={async (text) => [
        ...text ? [] : [{ value: NONE, label: t('devices.nobody') }],
        ...await what.find(text)]}
        value={found?.label ?? ('guid' in of ? of[what.field] : '')}
        onPick={setFound} />
      {found && what.reach && (
        <Preview of={of} what={found.value}
          call={(guid) => assigning(guid, what.field, value)} />)}
    </Dialog>
  );
}

function EditDialog({ d }: { d: Device }) {
  return (
    <FormDialog title={t('devices.edit')} action={t('ui.save')}
      onClose={() => { open.value = undefined; }}
      initial={{ device_name: d.device_name, note: d.note }}
      save={async (v) => {
        if (v.device_name !== d.device_name)
          await assign(d, 'device_name', v.device_name);
        if (v.note !== d.note)
          await assign(d, 'note', v.note);
        touch(...DEVICE_PATHS);
      }}>
      <TextField name="device_name" label={t('devices.name')} autofocus />
      <TextField name="note" label={t('devices.note')} lines={3} />
    </FormDialog>
  );
}

export function DeviceDialogs() {
  const o = open.value;
  if (!o)
    return null;
  return o.what !== 'edit' ? <AssignDialog of={o.of} what={o.what} />
    : 'guid' in o.of ? <EditDialog d={o.of} /> : null;
}

export function deviceMenu(d: Device, gone: () => void): Items {
  return [
    { label: t('devices.connect'), icon: MonitorPlay,
      href: `rustdesk://${d.id}` },
    { label: t('devices.copyId'), icon: Copy, run: () => void copy(d.id) },
    d.status !== 0 && { label: t('devices.share') + '…', icon: Link,
      run: () => shareWithGuest([{ value: d.id, label: nameOf(d) }]) },
    'line',
    can('devices.info') && { label: t('devices.edit') + '…', icon: Pencil,
      run: () => openAssign('edit', d) },
    ...ASSIGNMENTS.map((a, i) => can(a.right) && {
      label: t(a.title) + '…', icon: [UserRound, Boxes, SlidersHorizontal][i]!,
      run: () => openAssign(a, d),
    }),
    'line',
    can('devices.enable') && {
      label: t(d.status === 0 ? 'devices.enable' : 'devices.disable'),
      icon: d.status === 0 ? CircleCheck : Ban, run: () => toggle(d),
    },
    can('devices.delete') && { label: t('devices.retire'), icon: Archive,
      run: () => retireOne(d, gone) },
    can('devices.delete') && { label: t('devices.delete') + '…', icon: Trash2,
      danger: true, run: () => askRemove(d, gone) },
  ];
}
