// What a role may: the pages that are shown and opened, the actions on them,
// for each right of the catalogue; and what a change of access would do, told
// before it is made.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

import { stage, Visit } from './browser';
import { HARMLESS, PAGES, type PageOf } from './rights';
import { type Client, login, waitFor } from './stack';

const folder = mkdtempSync(join(tmpdir(), 'console-rights-'));
const s = stage({ devices: 12, env: { RECORD_DIR: folder } });
after(() => rmSync(folder, { recursive: true, force: true }));

interface Right {
  name: string;
}

interface Route {
  'x-requires': string;
}

// What each route of the api asks for.
async function needs(): Promise<(route: string) => string> {
  const doc = await s.world.admin.get<{
    paths: Record<string, Record<string, Route>>;
  }>('/api/openapi.json');
  return (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const of = doc.paths[path]?.[method.toLowerCase()];
    assert.ok(of, `the api has no ${route}`);
    return of['x-requires'];
  };
}

async function rights(): Promise<string[]> {
  return (await s.world.admin.get<{ data: Right[] }>('/api/web/permissions'))
    .data.map((r) => r.name);
}

// What somebody holds: the rights of a role, all of them, or everything.
class Holder {
  constructor(readonly name: string, private readonly held: Set<string>,
    readonly admin = false) {}

  has(right: string): boolean {
    return this.admin || right === 'user' || this.held.has(right);
  }

  opens(page: PageOf, need: (route: string) => string): boolean {
    return page.needs.length === 0
      || page.needs.some((n) => this.has(n.includes(' ') ? need(n) : n));
  }

  does(rule: string): boolean {
    return rule.split(' or ').some((any) =>
      any.split('+').every((right) => this.has(right)));
  }
}

const READ = 1; // the first level of an address book

const things: Record<string, string> = {};

const filled = (path: string) =>
  path.replace(/\{(\w+)\}/, (_, name: string) => things[name]!);

async function prepare(): Promise<void> {
  interface Named { guid: string; name: string }
  const named = async (path: string, name: string) => {
    const r = await s.world.admin.get<{ data: Named[] } | Named[]>(path);
    return (Array.isArray(r) ? r : r.data).find((x) => x.name === name)!.guid;
  };
  things['device'] = s.seeded.devices[0]!;
  things['user'] = s.seeded.users['anna']!;
  things['userGroup'] = await named('/api/user-groups', 'Sales');
  things['deviceGroup'] = await named('/api/device-groups', 'Workstations');
  things['strategy'] = await named('/api/strategies', 'Office');
  things['adminRole'] = await named('/api/admin-roles', 'Helpdesk');
  things['book'] = await named('/api/ab/shared/profiles', 'Branch offices');
  things['role'] = await named('/api/control-roles', 'Helpdesk');
  writeFileSync(join(folder, `incoming_${s.seeded.ids[0]}_20260101120000123_`
    + 'display0_vp8.webm'), 'film');
  // Mail, for invitations: nothing is sent.
  await s.world.admin.put('/api/settings/smtp', { enabled: true,
    host: '127.0.0.1', port: 1, from: 'rd@example.com' });
}

// One of everything that a page lists.
async function furnish(): Promise<void> {
  const admin = s.world.admin;
  await admin.put('/api/settings/ldap', { servers: [{ name: 'main',
    url: 'ldap://127.0.0.1:1', base_dn: 'dc=x' }] });
  await admin.put('/api/settings/oidc', { providers: [{ name: 'corp',
    issuer: 'http://127.0.0.1:1', client_id: 'c' }] });
  await admin.post('/api/tokens', { name: 'script', scopes: { device: 1 } });
  await admin.post('/api/webhooks', { url: 'http://127.0.0.1:1/',
    events: ['alarm'] });
  await admin.post('/api/bans', { address: '203.0.113.0/24', note: '',
    expires_at: 0 });
  const [retired, deleted, busy] = [await s.world.device(),
    await s.world.device(), await s.world.device()];
  await admin.post(`/api/devices/${retired.guid}/retire`);
  await admin.post(`/api/devices/${deleted.guid}/disable`);
  await admin.call('DELETE', '/api/devices/' + deleted.guid);
  await busy.audit('conn', { conn_id: 900, session_id: 9000, ip: '10.1.0.99',
    action: 'new', nonce: 'busy' });
  await admin.post(`/api/devices/${s.seeded.devices[3]}/assign`,
    { type: 'user_name', value: 'admin' });
  await admin.post('/api/ab/rule', { guid: things['book'], rule: READ,
    user: 'ben' });
}

// What an address book lets BEN do, level by level.
async function levels(v: Visit, need: (route: string) => string): Promise<void> {
  const books = PAGES.find((p) => p.path === '/books')!;
  const rules = await s.world.admin.get<{ data: { guid: string;
    user?: string }[] }>('/api/ab/rules?ab=' + things['book']);
  const { guid } = rules.data.find((r) => r.user === 'ben')!;
  const held = ['book.read', 'book.write', 'book.full'];
  for (const rule of [READ + 1, READ + 2]) {
    await s.world.admin.patch('/api/ab/rule', { guid, rule });
    await v.page.goto(s.world.api.base + '/books');
    await look(v, new Holder(`level ${rule}`, new Set(held.slice(0, rule))),
      books, books.at!, need);
  }
}

// Words of what can be done on the page that is shown: in it, in the menu of
// its first row and of its panel, and for rows that are chosen.
async function actions(): Promise<string[]> {
  const found = new Set<string>();
  const main = document.querySelector('main')!;
  // Until it is drawn: a task or two later.
  const drawn = async (there: () => boolean) => {
    for (const end = Date.now() + 20_000; !there() && Date.now() < end;)
      await new Promise((done) => setTimeout(done));
  };
  const word = (e: Element) => {
    const label = e.getAttribute('aria-label') ?? e.textContent ?? '';
    return label.replace(/\s+/g, ' ').trim()
      .replace(/^(More for|Select|Remove|Type) (?!all).*/, '$1 …')
      .replace(/^(now|\d+ \w+ ago)$/, 'Open …');
  };
  const take = (selector: string, of: Element = main) => {
    for (const e of of.querySelectorAll(selector))
      if ((e as HTMLElement).checkVisibility() && word(e))
        found.add(word(e));
  };
  const all = 'button:not(thead *), a.button, nav a, [role=combobox], '
    + 'label:not(:has(select, [type=radio]), .option *), input[aria-label]';
  const menus = async (buttons: Iterable<Element>) => {
    for (const b of buttons) {
      (b as HTMLElement).click();
      await drawn(() => document.querySelector('[role=menu]') !== null);
      take('[role=menuitem]');
      document.querySelector<HTMLElement>(':popover-open')?.hidePopover();
      await drawn(() => document.querySelector('[role=menu]') === null);
    }
  };
  const more = (inside: string) => [...main.querySelectorAll(inside
    + ' button[aria-haspopup=menu][aria-label^="More for"]')].slice(0, 1);
  take(all);
  await menus([...more('tbody'), ...more('.panel'), ...more('form'),
    ...more('.rows')]);
  const box = main.querySelector<HTMLElement>('tbody .pick input');
  if (box) {
    const bar = () => main.querySelector('.bar.selection');
    box.click();
    await drawn(() => bar() !== null);
    take('button', bar()!);
    await menus(bar()!.querySelectorAll('button[aria-haspopup=menu]'));
    box.click();
    await drawn(() => bar() === null);
  }
  // Where links lead to, but not what the server answers itself.
  for (const a of main.querySelectorAll<HTMLAnchorElement>(
    'a[href^="/"]:not([href^="/api/"], [href^="/web/"])'))
    found.add('to /' + a.pathname.split('/')[1]!);
  return [...found].sort();
}

// Shows PATH without loading the page anew, and waits for its heading and
// what it reads.
async function show(v: Visit, page: PageOf, path: string): Promise<void> {
  await v.page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
  await v.page.waitForFunction(([to, title]) => {
    const parts = [...document.querySelectorAll('.crumbs a, h1')];
    return location.pathname + location.search === to && parts.some((p) =>
      p.textContent === title) && !document.querySelector(
      '.skeleton, main table[aria-busy=true], main:empty');
  }, [path, page.title] as const);
}

const used = new Set<string>();
const wrong: object[] = [];

async function look(
  v: Visit, who: Holder, page: PageOf, paths: readonly string[],
  need: (route: string) => string,
): Promise<void> {
  const seen = new Set<string>();
  let error: string | undefined;
  const rules = page.actions ?? {};
  const want = Object.keys(rules).filter((a) => who.does(rules[a]!)).sort();
  const harmless = new Set([...HARMLESS, ...PAGES.filter((p) =>
    who.opens(p, need)).map((p) => 'to ' + p.path)]);
  const got = () => [...seen].filter((a) => !harmless.has(a)).sort();
  for (const path of paths) {
    await show(v, page, filled(path));
    // What is read beside the page may come a moment later: two looks that
    // are equal are believed.
    await waitFor('the actions', async () => {
      const now = await v.page.evaluate(actions)
        .catch((e: unknown) => { error = String(e); });
      if (!now)
        return false;
      error = undefined;
      const before = seen.size;
      now.forEach((a) => seen.add(a));
      return seen.size === before
        && (path !== paths.at(-1) || got().join() === want.join());
    }, 3).catch(() => undefined);
    if (error)
      wrong.push({ who: who.name, page: page.path, path, error });
  }
  const missing = want.filter((a) => !seen.has(a));
  const extra = got().filter((a) => !want.includes(a));
  if (missing.length + extra.length > 0)
    wrong.push({ who: who.name, page: page.path, missing, extra });
  want.forEach((a) => rules[a]!.split(/ or |\+/).forEach((r) => used.add(r)));
}

// All of PAGES, one after the other, inside the browser: [path, what it says].
async function refused(
  list: readonly { path: string; title: string }[],
): Promise<string[]> {
  const opened: string[] = [];
  for (const { path, title } of list) {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
    for (const end = Date.now() + 20_000; ;) {
      await new Promise((done) => setTimeout(done));
      const says = document.querySelector('main h2')?.textContent;
      if (document.querySelector('h1')?.textContent === title
        && says === 'Your role does not include this page')
        break;
      if (Date.now() > end) {
        opened.push(`${path}: ${says}`);
        break;
      }
    }
  }
  return opened;
}

// Pages that everybody has are looked at for a right that something on them
// needs.
function matters(page: PageOf, who: Holder): boolean {
  return page.needs.length > 0 || Object.values(page.actions ?? {})
    .some((rule) => rule.split(/ or |\+/).includes(who.name));
}

async function visit(
  v: Visit, who: Holder, need: (route: string) => string, every: boolean,
): Promise<void> {
  const open = PAGES.filter((p) => who.opens(p, need));
  // The first page is loaded anew: who one is, is asked then.
  await v.page.goto(s.world.api.base + open[0]!.path);
  const names = v.page.getByRole('navigation', { name: 'Pages' }).first()
    .getByRole('group').getByRole('link');
  await names.first().waitFor();
  assert.deepEqual(await names.allInnerTexts(),
    open.filter((p) => !p.unlisted).map((p) => p.title),
    `the pages of ${who.name}`);
  for (const page of open)
    if (page.at && page.actions && (every || matters(page, who)))
      await look(v, who, page, page.at, need);
    else if (every)
      await show(v, page, page.path);
  const closed = PAGES.filter((p) => !open.includes(p))
    .flatMap((p) => [p.path, ...(p.at ?? []).map(filled)]
      .map((path) => ({ path, title: p.title })));
  assert.deepEqual(await v.page.evaluate(refused, closed), [], who.name);
}

async function hold(
  desk: Client, role: string, perms: readonly string[], name: string,
): Promise<Holder> {
  await s.world.admin.patch('/api/admin-roles/' + role, { perms });
  let held: string[] = [];
  await waitFor(name, async () => {
    held = (await desk.get<{ permissions: string[] }>('/api/currentUser'))
      .permissions;
    return perms.every((p) => held.includes(p))
      && (perms.length > 0 || held.length === 0);
  });
  return new Holder(name, new Set([...held, 'book.read']));
}

test('each right shows its pages and actions and no others, and a page opened'
  + ' without it says so', async () => {
  await prepare();
  await furnish();
  const need = await needs();
  const all = await rights();
  const admin = await Visit.admin(s);
  await visit(admin, new Holder('a full administrator', new Set(), true), need,
    true);
  await admin.close();

  const role = await s.world.admin.post<{ guid: string }>('/api/admin-roles',
    { name: 'Matrix', type: 'global', perms: ['audits.view'] });
  const guid = s.seeded.users['ben']!;
  await s.world.admin.patch('/api/users/' + guid, { admin_roles: [role.guid] });
  const desk = await login(s.world.api.base, 'ben', 'correct horse');
  // A page that asks for nothing while the rights change.
  const v = await Visit.open(s, {}, '/setup');
  await v.signIn('ben', 'correct horse');
  for (const right of all)
    await visit(v, await hold(desk, role.guid, [right], right), need, false);
  await visit(v, await hold(desk, role.guid, all, 'all rights'), need, true);
  await s.world.admin.patch('/api/users/' + guid, { admin_roles: [] });
  await waitFor('no rights', async () => (await desk.get<{
    permissions: string[] }>('/api/currentUser')).permissions.length === 0);
  await visit(v, new Holder('nobody in particular', new Set(['book.read'])),
    need, true);
  await levels(v, need);
  await v.close();

  assert.deepEqual(wrong, []);
  // A right that no page and nothing on it needs is one the console lacks.
  const opens = new Set(PAGES.flatMap((p) => p.needs)
    .map((n) => n.includes(' ') ? need(n) : n));
  assert.deepEqual(all.filter((r) => !used.has(r) && !opens.has(r)), []);
});

interface Call {
  method: string;
  path: string;
  body?: object;
  ids?: string[];
}

interface Told {
  gains: number;
  loses: number;
  changes: unknown[];
}

const told = (v: Visit) => v.page.getByRole('region',
  { name: 'Who gains and who loses access' });

// The page says of a change, which it makes by CALLS, what the api does.
async function says(v: Visit, ...calls: Call[]): Promise<void> {
  const p = await s.world.admin.post<Told>('/api/web/rules/preview', { calls });
  assert.ok(p.gains + p.loses > 0, JSON.stringify(calls));
  await told(v).getByText(
    `Access gained: ${p.gains}. Access lost: ${p.loses}.`).waitFor();
  assert.equal(await told(v).getByRole('listitem').count(), p.changes.length);
}

const cancel = async (v: Visit) => {
  await v.press('Cancel');
  await v.dialog().waitFor({ state: 'detached' });
};

test('a rule says who gains by it, and is made though nobody can tell',
  async () => {
    await prepare();
    const v = await Visit.admin(s, '/access');
    v.tolerant = true; // an answer fails on purpose
    const preview = '**/api/web/rules/preview';
    const begin = async (who: string) => {
      await v.press('Add rule');
      await v.choose('User group', who.slice(0, 4), who);
      await v.choose('Device group', 'Work', 'Workstations');
    };
    await begin('Support');
    await told(v).getByText('No access changes by this.').waitFor();
    await v.choose('User group', 'Prod', 'Production');
    await says(v, { method: 'PATCH',
      path: '/api/device-groups/' + things['deviceGroup'],
      body: { allowed_incomings: [{ type: 0, name: 'Support' },
        { type: 0, name: 'Production' }] } });
    await v.accessible('who gains by a rule');
    await cancel(v);

    // One that takes for ever is not waited for, and taken back.
    await v.page.route(preview, () => undefined);
    const asked = v.page.waitForRequest(preview);
    await begin('Sales');
    const request = await asked;
    await told(v).getByText('Working out').waitFor();
    const ended = v.page.waitForEvent('requestfailed',
      (r) => r.url() === request.url());
    await v.press('Allow');
    await v.sees('Members of Sales may reach the device group Workstations');
    await ended;
    await v.page.unroute(preview);

    await v.page.route(preview, (r) => r.fulfill({ status: 400,
      json: { error: 'Too many users or devices' } }));
    await begin('Production');
    await told(v).getByText('cannot be told').waitFor();
    await v.press('Allow');
    await v.sees('Members of Production may reach the device group '
      + 'Workstations');
    await v.close();
  });

test('what changes access says before who gains and who loses it', async () => {
  await prepare();
  const users = s.seeded.users;
  const user = (name: string) => '/api/users/' + users[name];
  await s.world.admin.patch(user('anna'), { control_role_name: 'Helpdesk' });
  const v = await Visit.admin(s, '/access');
  await v.press('Remove Members of Support may reach the devices of Sales');
  await says(v, { method: 'PATCH', body: { allowed_incomings: [] },
    path: '/api/user-groups/' + things['userGroup'] });
  await cancel(v);

  await v.go('/control-roles/' + things['role']);
  await v.page.getByRole('group', { name: 'Camera' })
    .getByRole('radio', { name: 'Forbid' }).check();
  await says(v, { method: 'PATCH', path: '/api/control-roles/' + things['role'],
    body: { permissions: { keyboard: 'enable', file: 'enable',
      terminal: 'disable', tunnel: 'disable', camera: 'disable' } } });
  await v.press('Discard changes');

  await v.go('/users/' + users['ben']);
  await v.choose('User group', 'Prod', 'Production');
  await says(v, { method: 'PATCH', path: user('ben'),
    body: { group_name: 'Production' } });
  await v.press('Discard changes');
  await v.menu('Anna Weber', 'Disable');
  await says(v, { method: 'POST', path: user('anna') + '/disable' });
  await cancel(v);
  await v.menu('Anna Weber', 'Delete');
  await says(v, { method: 'DELETE', path: user('anna') });
  await cancel(v);

  await v.go('/user-groups/' + things['userGroup']);
  await v.choose('Add a user', 'dmi', 'dmitri');
  await says(v, { method: 'POST', ids: [users['dmitri']!],
    path: '/api/user-groups/' + things['userGroup'] });
  await cancel(v);
  await v.press('Remove Ben Schulz');
  await says(v, { method: 'PATCH', path: user('ben'),
    body: { group_name: '' } });
  await cancel(v);
  await v.go('/device-groups/' + things['deviceGroup']);
  await v.menu('Workstations', /Delete group/);
  await says(v, { method: 'DELETE',
    path: '/api/device-groups/' + things['deviceGroup'] });
  await cancel(v);

  const assign = (i: number, type: string, value: string): Call => ({
    method: 'POST', path: `/api/devices/${s.seeded.devices[i]}/assign`,
    body: { type, value } });
  await v.go('/devices?sort=name');
  await v.menu('reception', /Assign to user/);
  await v.choose('Assign to user', 'cla', 'clara');
  await says(v, assign(0, 'user_name', 'clara'));
  await cancel(v);
  for (const name of ['reception', 'till-1'])
    await v.page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await v.press('Assign');
  await v.page.getByRole('menuitem', { name: /Put into device group/ }).click();
  await v.choose('Put into device group', 'Work', 'Workstations');
  await says(v, assign(0, 'device_group_name', 'Workstations'),
    assign(1, 'device_group_name', 'Workstations'));
  await v.close();
});
