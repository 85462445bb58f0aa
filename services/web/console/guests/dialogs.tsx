// Making a guest link, the link itself (shown once), and changing one.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Button, Copy } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask, Dialog } from '../../ui/dialog';
import { SelectField, TextField, useFormContext } from '../../ui/form';
import { list } from '../../ui/format';
import { api, type Page } from '../../ui/http';
import type { ControlRole } from '../../ui/model';
import { type Found, PickMany } from '../../ui/picker';
import { Qr } from '../../ui/qr';
import { Note } from '../../ui/states';
import { FormDialog } from '../create';
import { findReachable } from '../find';
import { type Key, t } from '../texts';
import { checkExpiry, type Expiry, ExpiryFields, secondsOf } from './expiry';
import { GUEST_LINKS, type GuestLink, type MadeLink, nameOf, urlOf }
  from './link';

const MAX_DEVICES = 20;
const MAX_USES = 1000;
const MIN_PIN = 4;
const MAX_PIN = 64;
const A_DAY = '86400';

type Open =
  | { is: 'new'; devices: readonly Found[] }
  | { is: 'made'; link: MadeLink; pin: boolean }
  | { is: 'change'; link: GuestLink };

const open = signal<Open | undefined>(undefined);
const close = () => { open.value = undefined; };
// A form closes when it has saved: not what came in its place.
const closeForm = (is: Open['is']) => () => {
  if (open.value?.is === is)
    close();
};

export function shareWithGuest(devices: readonly Found[]): void {
  open.value = { is: 'new', devices };
}

export function changeLink(link: GuestLink): void {
  open.value = { is: 'change', link };
}

export function endLink(link: GuestLink): void {
  const active = link.state === 'active';
  ask({
    title: t(active ? 'guests.revokeOne' : 'guests.removeOne',
      { name: nameOf(link) }),
    text: t(active ? 'guests.revoke.text' : 'guests.remove.text'),
    action: t(active ? 'guests.revoke' : 'guests.remove'), danger: true,
    run: async () => {
      await api.remove(`${GUEST_LINKS}/${link.guid}`);
      touch(GUEST_LINKS);
    },
  });
}

interface Wanted extends Expiry {
  devices: readonly Found[];
  uses: number | '';
  control_role: string;
  pin: string;
  note: string;
}

const FRESH: Omit<Wanted, 'devices'> = { expires_at: A_DAY, day: '', uses: '',
  control_role: '', pin: '', note: '' };

function check(v: Wanted): Record<string, string | false> {
  const uses = Number(v.uses);
  return {
    devices: v.devices.length === 0 ? t('guests.needDevice')
      : v.devices.length > MAX_DEVICES
        && t('guests.manyDevices', { n: MAX_DEVICES }),
    uses: v.uses !== '' && (!Number.isInteger(uses) || uses < 1
      || uses > MAX_USES) && t('guests.usesWrong', { n: MAX_USES }),
    pin: v.pin !== '' && (v.pin.length < MIN_PIN || v.pin.length > MAX_PIN)
      && t('guests.pinWrong', { n: MIN_PIN, most: MAX_PIN }),
    ...checkExpiry(v),
  };
}

async function make(v: Wanted): Promise<void> {
  const link = await api.post<MadeLink>(GUEST_LINKS, {
    devices: v.devices.map((d) => d.value), expires_at: secondsOf(v),
    uses: Number(v.uses), note: v.note,
    ...v.control_role ? { control_role: v.control_role } : {},
    ...v.pin ? { pin: v.pin } : {},
  });
  touch(GUEST_LINKS);
  open.value = { is: 'made', link, pin: v.pin !== '' };
}

function Devices() {
  const form = useFormContext();
  return (
    <div class="field">
      <span class="label">{t('guests.devices')}</span>
      <PickMany label={t('guests.devices')} find={findReachable}
        value={form.values['devices'] as readonly Found[]}
        onChange={(devices) => form.set({ devices })} />
      {form.errors['devices'] && (
        <p class="error" role="alert">{form.errors['devices']}</p>)}
    </div>
  );
}

// Never more than the maker may himself: the server takes the stricter one.
function Role() {
  const roles = useData<Page<ControlRole>>(GUEST_LINKS + '/roles',
    { pageSize: 1000 }).value?.data ?? [];
  const guid = useFormContext().values['control_role'];
  const chosen = roles.find((r) => r.guid === guid);
  const denied = Object.entries(chosen?.permissions ?? {})
    .filter(([, is]) => is === 'disable')
    .map(([name]) => t(`perm.${name}` as Key));
  return (
    <SelectField name="control_role" label={t('guests.role')}
      help={denied.length > 0
        ? t('guests.denied', { what: list(denied) }) : t('guests.role.help')}
      options={[{ value: '', label: t('guests.ownRole') },
        ...roles.map((r) => ({ value: r.guid, label: r.name }))]} />
  );
}

function Create({ devices }: { devices: readonly Found[] }) {
  return (
    <FormDialog<Wanted> title={t('guests.create')} action={t('guests.create')}
      wide initial={{ ...FRESH, devices }} onClose={closeForm('new')}
      check={check} save={make}>
      <p>{t('guests.create.text')}</p>
      <Devices />
      <ExpiryFields />
      <div class="pair">
        <TextField name="uses" type="number" min={1} max={MAX_USES}
          label={t('guests.uses')} help={t('guests.uses.help')} />
        <Role />
      </div>
      <div class="pair">
        <TextField name="pin" label={t('guests.pin')} mono
          help={t('guests.pin.help')} />
        <TextField name="note" label={t('guests.note')}
          help={t('guests.note.help')} />
      </div>
    </FormDialog>
  );
}

function Made({ link, pin }: { link: MadeLink; pin: boolean }) {
  const url = urlOf(link);
  return (
    <Dialog title={t('guests.made', { name: nameOf(link) })} wide
      onClose={close} foot={
        <Button kind="primary" onClick={close}>{t('guests.kept')}</Button>}>
      <Note tone="warn">{t('guests.once')}</Note>
      <Copy block text={url} label={t('guests.copy')} />
      <Qr text={url} label={t('guests.qr')} />
      {pin && <p>{t('guests.tellPin')}</p>}
    </Dialog>
  );
}

function Change({ link }: { link: GuestLink }) {
  return (
    <FormDialog title={t('guests.change')} action={t('ui.save')}
      initial={{ expires_at: '', day: '', note: link.note }}
      onClose={closeForm('change')} check={checkExpiry}
      save={async (v) => {
        await api.patch(`${GUEST_LINKS}/${link.guid}`, { note: v.note,
          ...v.expires_at ? { expires_at: secondsOf(v) } : {} });
        touch(GUEST_LINKS);
      }}>
      <p class="muted">{nameOf(link)}</p>
      <ExpiryFields keep />
      <TextField name="note" label={t('guests.note')} />
    </FormDialog>
  );
}

export function GuestDialogs() {
  useEffect(() => close, []); // the secret does not outlive its page
  const o = open.value;
  switch (o?.is) {
    case 'new': return <Create devices={o.devices} />;
    case 'made': return <Made link={o.link} pin={o.pin} />;
    case 'change': return <Change link={o.link} />;
    default: return null;
  }
}
