// What pickers find, by the names that the API takes.
import { deviceId } from '../ui/format';
import { api, type Page } from '../ui/http';
import type { ControlRole, Device, Group, Strategy, User } from '../ui/model';
import type { Find, Found } from '../ui/picker';
import { can } from './session';

const SHOWN = 20;
const REACHABLE = 1000; // that list has no search of the server's
const ID = /^[A-Za-z\d_-]{6,}$/;

async function page<T>(
  path: string, query: Record<string, string>, pageSize = SHOWN,
): Promise<T[]> {
  const r = await api.get<Page<T> | T[]>(path,
    { query: { ...query, pageSize } });
  return Array.isArray(r) ? r : r.data;
}

// FIND for who may see what it finds; others type the name in full.
const seeing = (right: string, find: Find): Find => async (text) => {
  if (can(right))
    return find(text);
  return text ? [{ value: text, label: text }] : [];
};

const like = (text: string) => text ? `%${text}%` : '';
const contains = (text: string) => (f: Found) =>
  f.label.toLowerCase().includes(text.toLowerCase());

export const findUser = seeing('users.view', async (text) =>
  (await page<User>('/api/users', { name: like(text) })).map((u) => ({
    value: u.name, label: u.name, hint: u.display_name,
  })));

export const findUserByGuid: Find = async (text) =>
  (await page<User>('/api/users', { name: like(text) })).map((u) => ({
    value: u.guid, label: u.name, hint: u.display_name,
  }));

export const findUserGroup = seeing('user-groups.view', async (text) =>
  (await page<Group>('/api/user-groups', { name: like(text) })).map((g) => ({
    value: g.name, label: g.name, hint: g.note,
  })));

export const findDeviceGroup = seeing('device-groups.view', async (text) =>
  (await page<Group>('/api/device-groups', { name: like(text) })).map((g) => ({
    value: g.name, label: g.name, hint: g.note,
  })));

export const findStrategy = seeing('strategies.view', async (text) =>
  (await page<Strategy>('/api/strategies', {})).map((s) => ({
    value: s.name, label: s.name, hint: s.note,
  })).filter(contains(text)));

export const findControlRole = seeing('control-roles.view', async (text) =>
  (await page<ControlRole>('/api/control-roles', {}))
    .filter((r) => r.builtin !== 'not_logged')
    .map((r) => ({ value: r.name, label: r.name, hint: r.note }))
    .filter(contains(text)));

export const findDevice = seeing('devices.view', async (text) =>
  (await page<Device>('/api/web/devices',
    { q: /^[\d\s]+$/.test(text) ? text.replaceAll(' ', '') : text }))
    .map((d) => ({
      value: d.id, label: d.device_name || deviceId(d.id),
      hint: deviceId(d.id),
    })));

interface Reachable {
  id: string;
  info?: { device_name?: string };
}

// Devices that one may reach oneself, as far as the server lists them; one
// whose id is typed may be meant as well: the server decides.
export const findReachable: Find = async (text) => {
  const typed = text.replace(/\s/g, '');
  const found = can('devices.view') ? await findDevice(text)
    : (await page<Reachable>('/api/peers', { status: '1' }, REACHABLE))
      .map((d) => ({ value: d.id, hint: deviceId(d.id),
        label: d.info?.device_name || deviceId(d.id) }))
      .filter((f) => contains(text)(f) || f.value.includes(typed))
      .slice(0, SHOWN);
  return found.length === 0 && ID.test(typed)
    ? [{ value: typed, label: deviceId(typed) }] : found;
};

export const findDeviceByGuid: Find = async (text) =>
  (await page<Device>('/api/web/devices',
    { q: /^[\d\s]+$/.test(text) ? text.replaceAll(' ', '') : text }))
    .map((d) => ({
      value: d.guid, label: d.device_name || deviceId(d.id),
      hint: deviceId(d.id),
    }));
