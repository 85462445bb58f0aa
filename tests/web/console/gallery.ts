// Pictures of every page, to be looked at by a person (`make gallery`): the
// seeded company with long names, a server nobody has used yet, an api that
// does not answer; wide and narrow, light and dark, English and German.
// GALLERY names the folder they go to, ONLY the pages (a regular expression).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import type { BrowserContextOptions } from 'playwright-core';

import { stage, Visit } from './browser';
import { details, PAGES } from './pages';

const FOLDER = process.env['GALLERY'] ?? '';
const ONLY = new RegExp(process.env['ONLY'] ?? '');
const SETS = process.env['SETS'] ?? '';
const full = stage();
const empty = stage({ empty: true });

const WIDE = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true,
  hasTouch: true };
const GERMAN = { locale: 'de-DE' };
const DAY = 86400;
const LATER = () => Math.floor(Date.now() / 1000) + 30 * DAY;

interface Look {
  name: string;
  of: BrowserContextOptions;
  rtl?: boolean;
}

const LOOKS: readonly Look[] = [
  { name: 'wide-light', of: { ...WIDE, colorScheme: 'light' } },
  { name: 'wide-dark-de', of: { ...WIDE, ...GERMAN, colorScheme: 'dark' } },
  { name: 'phone-light-de', of: { ...PHONE, ...GERMAN, colorScheme: 'light' } },
  { name: 'phone-dark', of: { ...PHONE, colorScheme: 'dark' } }];

// What a company has that grew: long names, and one of everything.
async function furnish(): Promise<void> {
  const { world: { admin }, seeded } = full;
  const long = 'Öffentlichkeitsarbeit und Veranstaltungen';
  await admin.post('/api/user-groups', { name: long,
    note: 'Zuständig für Messen, Presse und die Niederlassungen' });
  await admin.post('/api/device-groups', { name: `Büros ${long}`,
    note: '', allowed_incomings: [{ type: 0, name: long }] });
  await admin.post('/api/users', { name: 'wilhelmine.von-hohenstein',
    display_name: 'Wilhelmine Freifrau von Hohenstein-Rabenau',
    email: 'wilhelmine.von-hohenstein-rabenau@niederlassung.example.com',
    password: 'correct horse', group_name: long });
  const d = await full.world.device({ username: 'wilhelmine.von-hohenstein',
    hostname: 'konferenzraum-niederlassung-nordrhein-westfalen-2' });
  await d.seen();
  await admin.post(`/api/devices/${d.guid}/assign`,
    { type: 'device_group_name', value: `Büros ${long}` });
  await admin.post('/api/tokens', { name: 'Inventory of the head office',
    scopes: { device: 2, audit: 1, user: 1 }, expires_at: LATER() });
  await admin.post('/api/webhooks', { enabled: true,
    url: 'https://hooks.example.com/services/remote-access/audit-events',
    events: ['conn', 'alarm'] });
  await admin.post('/api/bans', { address: '203.0.113.0/24', note: 'Scans',
    expires_at: LATER() });
  await admin.post('/api/bans', { device: '987654321', note: '',
    expires_at: 0 });
  await admin.put('/api/settings/ldap', { servers: [{ enabled: true,
    name: 'Head office', url: 'ldaps://directory.example.com',
    base_dn: 'dc=example,dc=com' }] });
  await admin.post(`/api/devices/${seeded.devices[3]}/assign`,
    { type: 'user_name', value: 'admin' });
  await admin.post('/api/guest-links', { devices: [seeded.ids[3]], uses: 3,
    expires_at: LATER(), note: 'For the auditor of the yearly accounts' });
}

async function enter(v: Visit, german: boolean): Promise<void> {
  await v.field('Name').fill('admin');
  await v.field(german ? 'Kennwort' : 'Password')
    .fill(v.s.world.api.password);
  await v.press(german ? 'Anmelden' : 'Sign in');
  await v.page.getByRole('navigation').first().waitFor();
}

const file = (path: string) => path === '/' ? 'overview'
  : path.slice(1).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'one')
    .replace(/[^a-z-]+/g, '-');

async function take(v: Visit, set: string, look: string, path: string):
Promise<void> {
  const folder = join(FOLDER, set);
  mkdirSync(folder, { recursive: true });
  await v.page.screenshot({ fullPage: true,
    path: join(folder, `${file(path)}.${look}.png`) });
}

async function tour(
  s: typeof full, set: string, look: Look, paths: readonly string[],
): Promise<void> {
  const v = await Visit.open(s, { ...look.of, reducedMotion: 'reduce' });
  v.tolerant = true;
  await take(v, set, look.name, '/sign-in');
  await enter(v, look.of.locale === 'de-DE');
  if (set === 'broken')
    await v.page.route('**/api/**', (r) => r.abort());
  for (const path of paths.filter((p) => ONLY.test(p))) {
    await v.go(path);
    await v.settled();
    if (look.rtl)
      await v.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    await take(v, set, look.name, path);
  }
  await v.page.context().close();
}

const wanted = (set: string) => ({ skip: !new RegExp(SETS).test(set) });

test('the company', wanted('full'), async () => {
  await furnish();
  const all = [...PAGES, ...await details(full)];
  for (const look of LOOKS)
    await tour(full, 'full', look, all);
});

test('a server nobody has used yet', wanted('empty'), async () => {
  for (const look of [LOOKS[0]!, LOOKS[3]!])
    await tour(empty, 'empty', look, PAGES);
});

test('an api that does not answer', wanted('broken'), async () => {
  for (const look of [LOOKS[0]!, LOOKS[2]!])
    await tour(full, 'broken', look, PAGES.slice(0, 12));
});

test('right to left, and colours of the system', wanted('other'), async () => {
  const some = ['/', '/devices', '/settings/general', '/access',
    `/devices/${full.seeded.devices[0]}`];
  for (const look of [
    { name: 'rtl-wide', of: WIDE, rtl: true },
    { name: 'rtl-phone', of: PHONE, rtl: true },
    { name: 'forced', of: { ...WIDE, forcedColors: 'active' } },
    { name: 'contrast', of: { ...WIDE, contrast: 'more' } }] as Look[])
    await tour(full, 'other', look, some);
});
