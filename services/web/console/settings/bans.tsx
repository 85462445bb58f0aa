// Who is kept out: bans, and the address lists of the relays.
import { CircleCheck, Plus } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, DeviceId, Time } from '../../ui/controls';
import { touch } from '../../ui/data';
import { deviceId } from '../../ui/format';
import { SelectField, TextField, useFormContext } from '../../ui/form';
import { api } from '../../ui/http';
import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Ban } from '../../ui/model';
import { Empty } from '../../ui/states';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { RelayLists } from '../overview/lists';
import { type Key, t } from '../texts';

const PATH = '/api/bans';
const HOUR = 3600;

// For how long, in seconds; 0: for good.
const SPANS: readonly (readonly [number, Key])[] = [
  [HOUR, 'bans.hour'], [24 * HOUR, 'bans.day'], [7 * 24 * HOUR, 'bans.week'],
  [30 * 24 * HOUR, 'bans.month'], [0, 'bans.forGood'],
];

const nameOf = (b: Ban) => b.device ? deviceId(b.device) : b.address ?? '';

function columns(): Column<Ban>[] {
  return [
    { id: 'of', title: t('bans.of'), wide: true, value: nameOf,
      cell: (b) => b.device ? <DeviceId id={b.device} />
        : <code>{b.address}</code> },
    { id: 'kind', title: t('bans.kind'),
      value: (b) => t(b.device ? 'bans.device' : 'bans.address'),
      cell: (b) => t(b.device ? 'bans.device' : 'bans.address') },
    { id: 'until', title: t('bans.until'), phone: true,
      value: (b) => b.expires_at || '',
      cell: (b) => b.expires_at ? <Time at={b.expires_at} />
        : t('bans.forGood') },
    { id: 'note', title: t('devices.note'), value: (b) => b.note,
      cell: (b) => b.note },
    { id: 'by', title: t('bans.by'), value: (b) => b.by, cell: (b) => b.by },
    { id: 'since', title: t('bans.since'), value: (b) => b.created_at,
      cell: (b) => <Time at={b.created_at} /> },
  ];
}

type Wanted = Pick<Ban, 'address' | 'device' | 'note' | 'expires_at'>;

function create({ address, device, note, expires_at }: Wanted): Promise<Ban> {
  return api.post(PATH, { ...device ? { device } : { address }, note,
    expires_at });
}

function end(b: Ban): void {
  void act({
    run: () => api.remove(`${PATH}/${b.guid}`), undo: () => create(b),
    said: t('bans.ended', { name: nameOf(b) }), paths: [PATH],
  });
}

interface Values {
  kind: 'address' | 'device';
  address: string;
  device: string;
  seconds: string;
  note: string;
}

function Of() {
  const form = useFormContext();
  return form.values['kind'] === 'device'
    ? <TextField name="device" label={t('devices.id')} mono
      help={t('bans.device.help')} />
    : <TextField name="address" label={t('bans.addressOf')} mono
      placeholder="203.0.113.0/24" help={t('bans.address.help')} />;
}

function wanted(v: Values): Wanted {
  const seconds = Number(v.seconds);
  return {
    ...v.kind === 'device' ? { device: v.device.replace(/\s/g, '') }
      : { address: v.address.trim() },
    note: v.note,
    expires_at: seconds && Math.floor(Date.now() / 1000) + seconds,
  };
}

function CreateBan({ onClose }: { onClose: () => void }) {
  const initial: Values = { kind: 'address', address: '', device: '',
    seconds: String(24 * HOUR), note: '' };
  return (
    <FormDialog<Values> title={t('bans.create')} action={t('bans.create')}
      initial={initial} onClose={onClose}
      check={(v) => ({ [v.kind]: required(v[v.kind]) })}
      save={async (v) => {
        await create(wanted(v));
        touch(PATH);
      }}>
      <SelectField name="kind" label={t('bans.kind')} options={[
        { value: 'address', label: t('bans.address') },
        { value: 'device', label: t('bans.device') }]} />
      <Of />
      <SelectField name="seconds" label={t('bans.span')}
        options={SPANS.map(([n, key]) => ({ value: String(n), label: t(key) }))} />
      <TextField name="note" label={t('devices.note')} />
    </FormDialog>
  );
}

export function BanSettings() {
  const [open, setOpen] = useState(false);
  const add = <Button kind="primary" icon={Plus} onClick={() => setOpen(true)}>
    {t('bans.create')}</Button>;
  return (
    <div class="stack">
      <ServerList<Ban> id="bans" label={t('bans.title')} path={PATH}
        columns={columns()} keyOf={(b) => b.guid} nameOf={nameOf} bar={add}
        searchLabel={t('bans.search')}
        menu={(b) => [{ label: t('bans.end'), icon: CircleCheck,
          run: () => end(b) }]}
        empty={<Empty title={t('bans.empty')} action={add}>
          {t('bans.empty.text')}</Empty>} />
      <RelayLists />
      {open && <CreateBan onClose={() => setOpen(false)} />}
    </div>
  );
}
