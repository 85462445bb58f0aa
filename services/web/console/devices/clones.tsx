// One id that several machines use: which of them keeps it?
import { useState } from 'preact/hooks';

import { Button, Copy, LinkButton, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import { Dialog } from '../../ui/dialog';
import { deviceId, list, system } from '../../ui/format';
import { api, type Page } from '../../ui/http';
import { Note } from '../../ui/states';
import { act } from '../act';
import { admin } from '../session';
import { t } from '../texts';

export const CLONES = '/api/devices/clones';

interface Machine {
  key: string;
  hostname?: string;
  os?: string;
  cpu?: string;
  memory?: string;
  address: string;
  seen: number;
}

export interface Clone {
  guid: string; // of the device
  id: string;
  device_name: string;
  ignored: boolean;
  created_at: number;
  machines: Machine[]; // who reported last is first
}

export const hostOf = (m: Machine) => m.hostname || m.address;

const PATHS = [CLONES, '/api/web/overview'];

const post = (c: Clone, what: string, body?: object) =>
  api.post(`/api/devices/${c.guid}/clone/${what}`, body);

export function ignore(c: Clone): void {
  void act({
    run: () => post(c, 'ignore', { ignored: true }),
    undo: () => post(c, 'ignore', { ignored: false }),
    said: t('clones.ignored', { name: deviceId(c.id) }), paths: PATHS,
  });
}

export function check(c: Clone): void {
  void act({ run: () => post(c, 'check'),
    said: t('clones.checked', { name: deviceId(c.id) }), paths: PATHS });
}

function keep(c: Clone, m: Machine): void {
  void act({ run: () => post(c, 'keep', { machine: m.key }),
    said: t('clones.kept', { name: hostOf(m) }), paths: PATHS });
}

// The machine id is what tells the copy apart from then on: asked for its old
// id, the server answers that this is another machine.
const WINDOWS = [
  'Stop-Service RustDesk',
  'Set-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Cryptography MachineGuid '
    + '([guid]::NewGuid())',
  'Remove-Item $env:windir\\ServiceProfiles\\LocalService\\AppData\\Roaming'
    + '\\RustDesk\\config\\RustDesk.toml',
  'Start-Service RustDesk',
].join('\n');

const LINUX = [
  'systemctl stop rustdesk',
  'rm -f /etc/machine-id /var/lib/dbus/machine-id',
  'systemd-machine-id-setup',
  'rm -f /root/.config/rustdesk/RustDesk.toml',
  'systemctl start rustdesk',
].join('\n');

function ByHand({ open }: { open: boolean }) {
  return (
    <details open={open}>
      <summary>{t('clones.byHand')}</summary>
      <p>{t('clones.byHand.text')}</p>
      <p>{t('clones.windows')}</p>
      <Copy block text={WINDOWS} />
      <p>{t('clones.linux')}</p>
      <Copy block text={LINUX} />
    </details>
  );
}

function Row({ m, kept, onKeep }: {
  m: Machine; kept: boolean; onKeep: () => void;
}) {
  return (
    <tr>
      <th scope="row">{hostOf(m)}</th>
      <td>{system(m.os ?? '')}</td>
      <td>{[m.cpu, m.memory].filter(Boolean).join(', ')}</td>
      <td>{m.address}</td>
      <td><Time at={m.seen} /></td>
      <td><input type="radio" name="keep" checked={kept} onChange={onKeep}
        aria-label={t('clones.keepOne', { name: hostOf(m) })} /></td>
    </tr>
  );
}

function Machines({ clone, keep: kept, onKeep }: {
  clone: Clone; keep: Machine; onKeep: (m: Machine) => void;
}) {
  return (
    <div class="table" tabIndex={-1}>
      <table class="plain-table">
        <thead><tr>
          <th scope="col">{t('clones.host')}</th>
          <th scope="col">{t('devices.os')}</th>
          <th scope="col">{t('devices.cpu')}</th>
          <th scope="col">{t('devices.address')}</th>
          <th scope="col">{t('devices.lastSeen')}</th>
          <th scope="col">{t('duplicates.keep')}</th>
        </tr></thead>
        <tbody>{clone.machines.map((m) => (
          <Row key={m.key} m={m} kept={m === kept} onKeep={() => onKeep(m)} />))}
        </tbody>
      </table>
    </div>
  );
}

export function CloneDialog({ clone, onClose }: {
  clone: Clone; onClose: () => void;
}) {
  const [kept, setKept] = useState(clone.machines[0]!);
  const others = clone.machines.filter((m) => m !== kept);
  const near = others.filter((m) => m.address === kept.address);
  const with_ = (run: () => void) => () => { onClose(); run(); };
  const hosts = (of: Machine[]) => list(of.map(hostOf));
  return (
    <Dialog wide title={t('clones.title', { id: deviceId(clone.id) })}
      onClose={onClose} foot={<>
        <Button onClick={with_(() => check(clone))}>{t('clones.check')}</Button>
        {!clone.ignored && <Button onClick={with_(() => ignore(clone))}>
          {t('clones.ignore')}</Button>}
        <Button kind="primary" disabled={near.length > 0}
          onClick={with_(() => keep(clone, kept))}>{t('clones.keep')}</Button>
      </>}>
      <Machines clone={clone} keep={kept} onKeep={setKept} />
      {near.length > 0
        ? <Note tone="warn">{t('clones.cannot',
          { hosts: hosts(near), name: hostOf(kept) })}</Note>
        : <p>{t('clones.told', { hosts: hosts(others) })}</p>}
      <ByHand open={near.length > 0} />
    </Dialog>
  );
}

// At the device's page, if it is one of those.
export function CloneNote({ guid }: { guid: string }) {
  const data = useData<Page<Clone>>(CLONES, { device: guid });
  const [open, setOpen] = useState(false);
  const clone = data.value?.data.find((c) => !c.ignored);
  if (!clone)
    return null;
  return (
    <Note tone="warn" title={t('clones.one')} action={admin.value
      ? <Button onClick={() => setOpen(true)}>{t('clones.resolve') + '…'}</Button>
      : <LinkButton href="/duplicates?by=copy">{t('overview.look')}</LinkButton>}>
      {list(clone.machines.map(hostOf))}
      {open && <CloneDialog clone={clone} onClose={() => setOpen(false)} />}
    </Note>
  );
}
