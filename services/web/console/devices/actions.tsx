// What can be done with devices, for one and for many.
import { Archive, Ban, Boxes, CircleCheck, Copy, MonitorPlay, Pencil, SlidersHorizontal,
  Trash2, UserRound } from 'lucide';
import { signal } from '@preact/signals';

import { copy } from '../../ui/controls';
import { ask, Dialog } from '../../ui/dialog';
import { touch } from '../../ui/data';
import { deviceId } from '../../ui/format';
import { TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { each, runBulk } from '../../ui/list/bulk';
import type { Items } from '../../ui/menu';
import { type Find, Picker } from '../../ui/picker';
import type { Device } from '../../ui/model';
import { act } from '../act';
import { FormDialog } from '../create';
import { findDeviceGroup, findStrategy, findUser } from '../find';
import { can } from '../session';
import { type Key, t } from '../texts';

export const DEVICE_PATHS = ['/api/web/devices', '/api/devices'];

export const nameOf = (d: Device) => d.device_name || deviceId(d.id);

type Field = 'user_name' | 'device_group_name' | 'strategy_name' | 'note'
  | 'device_name';

export function assign(d: Device, type: Field, value: string): Promise<void> {
  return api.post(`/api/devices/${d.guid}/assign`, { type, value });
}

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
}

export const ASSIGNMENTS: readonly Assignment[] = [
  { field: 'user_name', title: 'devices.assignUser', find: findUser,
    right: 'devices.assign' },
  { field: 'device_group_name', title: 'devices.assignGroup',
    find: findDeviceGroup, right: 'devices.group' },
  { field: 'strategy_name', title: 'devices.assignStrategy',
    find: findStrategy, right: 'devices.strategy' },
];

interface Open {
  what: Assignment | 'edit';
  devices: readonly Device[];
  done: () => void;
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

export function retireMany(list: readonly Device[], done: () => void): void {
  const one = list.length === 1 ? list[0] : undefined;
  if (one) {
    void act({ run: () => retire(one), undo: () => takeBack(one),
      said: t('devices.retired', { name: nameOf(one) }), paths: DEVICE_PATHS })
      .then(done);
    return;
  }
  const run = (title: string, what: (d: Device) => Promise<void>,
    undo?: () => Promise<void>) => runBulk(title, each(list, nameOf, what), undo)
    .then(() => touch(...DEVICE_PATHS));
  void run(t('devices.retire'), retire,
    () => run(t('devices.takeBack'), takeBack)).then(done);
}

export function askRemove(list: readonly Device[], done: () => void): void {
  const one = list.length === 1 ? list[0] : undefined;
  const title = one ? t('devices.deleteOne', { name: nameOf(one) })
    : t('devices.deleteMany', { n: list.length });
  ask({
    title, text: t('devices.delete.text'), action: t('devices.delete'),
    danger: true, typed: one ? undefined : String(list.length),
    run: async () => {
      if (one)
        await remove(one);
      else
        void runBulk(title, each(list, nameOf, remove))
          .then(() => touch(...DEVICE_PATHS));
      touch(...DEVICE_PATHS);
      done();
    },
  });
}

export function enableMany(
  list: readonly Device[], on: boolean, done: () => void,
): void {
  const rows = list.filter((d) => (d.status !== 0) !== on);
  const run = (value: boolean) => runBulk(
    t(value ? 'devices.enable' : 'devices.disable'),
    each(rows, nameOf, (d) => setEnabled(d, value)),
    value === on ? async () => { await run(!on); touch(...DEVICE_PATHS); }
      : undefined);
  void run(on).then(() => { touch(...DEVICE_PATHS); done(); });
}

async function assignMany(
  list: readonly Device[], field: Field, value: string, title: string,
): Promise<void> {
  const back = () => Promise.all(list.map((d) => assign(d, field, d[field])));
  const one = list.length === 1 ? list[0] : undefined;
  if (one) {
    await act({
      run: () => assign(one, field, value),
      undo: () => assign(one, field, one[field]),
      said: t('devices.changed', { name: nameOf(one) }), paths: DEVICE_PATHS,
    });
    return;
  }
  await runBulk(title, each(list, nameOf, (d) => assign(d, field, value)),
    async () => { await back(); touch(...DEVICE_PATHS); });
  touch(...DEVICE_PATHS);
}

export function openAssign(
  what: Assignment | 'edit', devices: readonly Device[],
  done: () => void = () => undefined,
): void {
  open.value = { what, devices, done };
}

function AssignDialog({ o, what }: { o: Open; what: Assignment }) {
  const close = () => { open.value = undefined; };
  const title = t(what.title);
  const one = o.devices.length === 1 ? o.devices[0] : undefined;
  const pick = (value: string) => {
    close();
    void assignMany(o.devices, what.field, value, title).then(o.done);
  };
  return (
    <Dialog title={title} onClose={close}>
      <p class="muted">{one ? nameOf(one)
        : t('devices.count', { n: o.devices.length })}</p>
      <Picker label={title} find={async (text) => [
        ...text ? [] : [{ value: '-', label: t('devices.nobody') }],
        ...await what.find(text)]}
        value={one?.[what.field] ?? ''}
        onPick={(f) => pick(!f || f.value === '-' ? '' : f.value)} />
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
  return o.what === 'edit' ? <EditDialog d={o.devices[0]!} />
    : <AssignDialog o={o} what={o.what} />;
}

export function deviceMenu(d: Device, gone: () => void): Items {
  return [
    { label: t('devices.connect'), icon: MonitorPlay,
      href: `rustdesk://${d.id}` },
    { label: t('devices.copyId'), icon: Copy, run: () => void copy(d.id) },
    'line',
    can('devices.info') && { label: t('devices.edit') + '…', icon: Pencil,
      run: () => openAssign('edit', [d]) },
    ...ASSIGNMENTS.map((a, i) => can(a.right) && {
      label: t(a.title) + '…', icon: [UserRound, Boxes, SlidersHorizontal][i]!,
      run: () => openAssign(a, [d]),
    }),
    'line',
    can('devices.enable') && {
      label: t(d.status === 0 ? 'devices.enable' : 'devices.disable'),
      icon: d.status === 0 ? CircleCheck : Ban, run: () => toggle(d),
    },
    can('devices.delete') && { label: t('devices.retire'), icon: Archive,
      run: () => retireMany([d], gone) },
    can('devices.delete') && { label: t('devices.delete') + '…', icon: Trash2,
      danger: true, run: () => askRemove([d], gone) },
  ];
}
