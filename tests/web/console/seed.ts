// A small company, so that every page has something to show.
import type { World } from './stack';

const HOSTS = ['reception', 'till-1', 'till-2', 'warehouse', 'workshop',
  'accounting', 'boardroom', 'laptop-anna', 'laptop-ben', 'laptop-clara',
  'server-01', 'server-02', 'kiosk-berlin', 'kiosk-hamburg', 'render-7',
  'cnc-mill', 'label-printer', 'hr-desk', 'scanner', 'tablet-3'];
const SYSTEMS = ['windows / Windows 11 Pro', 'windows / Windows 10 Pro',
  'linux / Debian 12', 'macos / macOS 15.1', 'android / Android 14'];
const USERS = [['anna', 'Anna Weber'], ['ben', 'Ben Schulz'],
  ['clara', 'Clara Vogt'], ['dmitri', 'Dmitri Orlov'], ['elif', 'Elif Kaya'],
  ['finn', 'Finn Krüger']] as const;

export interface Seeded {
  devices: string[]; // guids
  ids: string[];
  users: Record<string, string>; // name → guid
}

async function people(w: World): Promise<Record<string, string>> {
  const users: Record<string, string> = {};
  for (const [name, note] of [['Support', 'Second level'],
    ['Sales', 'Both sites'], ['Production', '']])
    await w.admin.post('/api/user-groups', { name, note });
  for (const [i, [name, display_name]] of USERS.entries()) {
    const group_name = ['Support', 'Sales', 'Production'][i % 3]!;
    const u = await w.admin.post<{ guid: string }>('/api/users', { name,
      display_name, email: `${name}@example.com`, password: 'correct horse',
      group_name });
    users[name] = u.guid;
  }
  await w.admin.post(`/api/users/${users['finn']}/disable`);
  return users;
}

async function policy(w: World): Promise<void> {
  await w.admin.post('/api/device-groups', { name: 'Workstations',
    note: 'Desks', allowed_incomings: [{ type: 0, name: 'Support' }] });
  await w.admin.post('/api/device-groups', { name: 'Kiosks', note: '',
    allowed_incomings: [{ type: 2, name: 'elif' }] });
  const groups = await w.admin.get<{ data: { guid: string; name: string }[] }>(
    '/api/user-groups');
  const sales = groups.data.find((g) => g.name === 'Sales')!;
  await w.admin.patch('/api/user-groups/' + sales.guid, {
    allowed_incomings: [{ type: 0, name: 'Support' }] });
  await w.admin.post('/api/strategies', { name: 'Office', note: 'Desks',
    enabled: true, config_options: { 'enable-terminal': 'N',
      'approve-mode': 'password', 'allow-auto-disconnect': 'Y',
      'auto-disconnect-timeout': '15' } });
  await w.admin.post('/api/strategies', { name: 'Kiosk', note: '',
    enabled: false, config_options: { 'access-mode': 'full' } });
  await w.admin.post('/api/control-roles', { name: 'Helpdesk',
    note: 'First level', permissions: { keyboard: 'enable', file: 'enable',
      terminal: 'disable', tunnel: 'disable' } });
  await w.admin.post('/api/admin-roles', { name: 'Helpdesk',
    note: 'Devices of the desks', type: 'global',
    perms: ['devices.view', 'devices.enable', 'audits.view'] });
}

async function happenings(w: World, seeded: Seeded, devices: {
  audit: (kind: 'conn' | 'file' | 'alarm', body: object) => Promise<void>;
}[]): Promise<void> {
  for (let i = 0; i < 8; i++) {
    const d = devices[i]!;
    const conn_id = 100 + i;
    const nonce = `n${i}`;
    await d.audit('conn', { conn_id, session_id: 5000 + i, ip: `10.1.0.${i + 2}`,
      action: 'new', nonce: nonce + 'a' });
    if (i === 5)
      continue;
    await d.audit('conn', { conn_id, session_id: 5000 + i, nonce: nonce + 'b',
      peer: [seeded.ids[9], i % 2 ? 'Anna Weber' : 'Ben Schulz'],
      type: i % 5, primary_auth: 1 + i % 3, two_factor: i % 2 });
    if (i > 2)
      await d.audit('conn', { conn_id, session_id: 5000 + i, action: 'close',
        nonce: nonce + 'c' });
  }
  await devices[1]!.audit('file', { conn_id: 101, peer_id: seeded.ids[9]!,
    type: 0, path: 'C:\\Users\\till\\Documents\\closing-2026-11.xlsx',
    is_file: true, nonce: 'f1', info: JSON.stringify({ ip: '10.1.0.3',
      name: 'Anna Weber', num: 1, files: [['closing-2026-11.xlsx', 48211]] }) });
  await devices[2]!.audit('alarm', { typ: 1, nonce: 'al1', conn_id: 102,
    info: JSON.stringify({ ip: '203.0.113.9', id: '987654321',
      name: 'unknown' }) });
}

async function books(w: World, ids: readonly string[]): Promise<void> {
  const own = await w.admin.post<{ guid: string }>('/api/ab/personal');
  const shared = await w.admin.post<{ guid: string }>('/api/ab/shared/add',
    { name: 'Branch offices', note: 'Berlin and Hamburg' });
  for (const [name, color] of [['urgent', 0xffd64545], ['berlin', 0xff3b82f6]])
    await w.admin.post('/api/ab/tag/add/' + shared.guid, { name, color });
  for (const [i, id] of ids.slice(0, 6).entries())
    await w.admin.post('/api/ab/peer/add/' + shared.guid, { id,
      alias: HOSTS[i]!, tags: i % 2 ? ['berlin'] : ['urgent', 'berlin'],
      note: i === 0 ? 'Ask before connecting' : '' });
  await w.admin.post('/api/ab/peer/add/' + own.guid, { id: ids[10],
    alias: 'My server' });
  await w.admin.post('/api/ab/rule', { guid: shared.guid, rule: 2,
    group: 'Support' });
}

// COUNT: at least 12.
export async function seed(w: World, count = 20): Promise<Seeded> {
  const users = await people(w);
  await policy(w);
  const all = [];
  for (let i = 0; i < count; i++) {
    const d = await w.device({ hostname: HOSTS[i % HOSTS.length]!
      + (i < HOSTS.length ? '' : '-' + i), os: SYSTEMS[i % 5]!,
    username: USERS[i % 6]![0], version: i % 4 ? '1.4.9' : '1.4.6' });
    await d.seen(i % 3 === 2 ? 86400 * (i + 1) : 0);
    const assign = (type: string, value: string) =>
      w.admin.post(`/api/devices/${d.guid}/assign`, { type, value });
    if (i % 4 !== 3)
      await assign('user_name', USERS[i % 6]![0]);
    if (i % 2 === 0)
      await assign('device_group_name', i % 3 ? 'Workstations' : 'Kiosks');
    if (i === 0)
      await assign('strategy_name', 'Office');
    all.push(d);
  }
  await w.admin.post(`/api/devices/${all[6]!.guid}/disable`);
  const seeded = { devices: all.map((d) => d.guid), ids: all.map((d) => d.id),
    users };
  await happenings(w, seeded, all);
  await books(w, seeded.ids);
  return seeded;
}
