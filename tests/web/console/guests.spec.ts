// Guest links: made, shown once, used in the web client, changed, revoked.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage({ devices: 12 });
const PATH = '/api/guest-links';

interface Link { guid: string; note: string; uses: number; used: number }
interface Made extends Link { secret: string }

const links = async () =>
  (await s.world.admin.get<{ data: Link[] }>(PATH)).data;

const soon = () => Math.floor(Date.now() / 1000) + 3600;

// The administrator's own devices: what he may reach in every mode.
async function own(...which: number[]): Promise<string[]> {
  for (const i of which)
    await s.world.admin.post(`/api/devices/${s.seeded.devices[i]}/assign`,
      { type: 'user_name', value: 'admin' });
  return which.map((i) => s.seeded.ids[i]!);
}

const make = async (devices: string[], more: object = {}) =>
  s.world.admin.post<Made>(PATH, { devices, expires_at: soon(), uses: 0,
    ...more });

// A guest in a tab of the web client; refusals are no faults there.
async function guest(secret: string): Promise<Visit> {
  const v = await Visit.open(s, {}, '/web/');
  v.tolerant = true;
  await follow(v, secret);
  return v;
}

const follow = (v: Visit, secret: string) =>
  v.page.evaluate((to) => { location.hash = 'guest=' + to; }, secret);

test('a guest link is made in the console, shown once, changed and revoked',
  async () => {
    await own(3);
    const v = await Visit.admin(s, '/guest-links');
    await v.page.getByRole('heading', { name: 'No guest links yet' }).waitFor();
    await v.press('Create guest link');
    await v.dialog().getByRole('button', { name: 'Create guest link' }).click();
    await v.sees('Choose at least one device.');
    await v.choose('Devices', s.seeded.ids[3]!, 'warehouse');
    await v.field('Lasts for').selectOption('one hour');
    await v.field('Number of sessions').fill('3');
    await v.field('PIN').fill('2468');
    await v.field('Note').fill('For the auditor');
    await v.accessible('the form');
    await v.dialog().getByRole('button', { name: 'Create guest link' }).click();
    await v.sees('Copy the link now');
    await v.accessible('the link');
    const url = await v.dialog().locator('code').innerText();
    assert.match(url, /\/web\/#guest=[\w-]{43}$/);
    await v.press('I have it');
    await v.row('For the auditor').getByText('0 of 3').waitFor();
    await v.row('For the auditor').getByText('Active').waitFor();
    await v.accessible('the list');
    assert.equal((await v.page.content()).includes(url.slice(-43)), false);
    await v.menu('warehouse', /^Change/);
    await v.field('Note').fill('For the tax adviser');
    await v.press('Save');
    await v.row('For the tax adviser').waitFor();
    await v.menu('warehouse', /^Revoke/);
    await v.press('Revoke');
    await v.row('For the tax adviser').getByText('Revoked').waitFor();
    await v.menu('warehouse', /^Remove from the list/);
    await v.press('Remove from the list');
    await v.page.getByRole('heading', { name: 'No guest links yet' }).waitFor();
    assert.deepEqual(await links(), []);
    await v.close();
  });

test('a device is shared from its menu, and what he may not share is said',
  async () => {
    await own(3);
    const v = await Visit.admin(s, '/devices?q=' + s.seeded.ids[3]);
    await v.menu('warehouse', /^Share with a guest/);
    await v.field('Note').fill('From its menu');
    await v.dialog().getByRole('button', { name: 'Create guest link' }).click();
    await v.press('I have it');
    assert.equal((await links())[0]!.note, 'From its menu');
    v.tolerant = true;
    await v.page.route('**' + PATH, (r) => r.fulfill({ status: 400, json: {
      error: 'You may not reach device 123456 yourself' } }));
    await v.menu('warehouse', /^Share with a guest/);
    await v.dialog().getByRole('button', { name: 'Create guest link' }).click();
    await v.sees('You may not reach the device 123456 yourself.');
    await v.close();
  });

test('a user without rights makes links to own devices and sees no others',
  async () => {
    await make(await own(3), { note: 'Not hers' });
    const v = await Visit.open(s);
    await v.signIn('anna', 'correct horse');
    await v.follow('Guest links');
    await v.page.getByRole('heading', { name: 'No guest links yet' }).waitFor();
    await v.press('Create guest link');
    await v.choose('Devices', 'recep', 'reception');
    await v.field('Note').fill('Hers');
    await v.dialog().getByRole('button', { name: 'Create guest link' }).click();
    await v.press('I have it');
    await v.row('Hers').waitFor();
    assert.equal(await v.row('Not hers').count(), 0);
    await v.close();
  });

test('the secret leaves the address at once and is kept nowhere, and one '
  + 'device waits for a click', async () => {
  const { secret } = await make(await own(3), { uses: 2 });
  const v = await Visit.open(s, {}, '/setup');
  const asked: string[] = [];
  v.page.on('request', (r) => { asked.push(r.url() + (r.headers()['referer']
    ?? '')); });
  await v.page.goto(s.world.api.base + '/web/#guest=' + secret);
  await v.page.getByRole('heading', { name: 'warehouse' }).waitFor();
  await v.sees('admin shares this device with you');
  assert.equal(v.page.url(), s.world.api.base + '/web/');
  const kept = await v.page.evaluate(() => JSON.stringify([localStorage,
    sessionStorage, history.state, document.documentElement.outerHTML]));
  assert.equal(kept.includes(secret), false);
  assert.equal(asked.some((url) => url.includes(secret)), false);
  await v.accessible('the guest’s page');
  assert.equal((await links())[0]!.used, 0);
  const [ticket] = await Promise.all([
    v.page.waitForResponse('**/api/web/guest/ticket'), v.press('Connect')]);
  assert.match((await ticket.json() as { token: string }).token, /./);
  // There is no ID server on this stage: back to what is shared.
  await v.sees('The ID server cannot be reached.');
  assert.equal(v.page.url(), s.world.api.base + '/web/');
  await v.press(/^(Stop|Cancel)$/);
  await v.page.getByRole('heading', { name: 'warehouse' }).waitFor();
  await v.close();
});

test('a PIN is asked for, several devices are a list, and what the link does '
  + 'not allow is not offered', async () => {
  const role = await s.world.admin.post<{ guid: string }>('/api/control-roles',
    { name: 'Look', note: '', permissions: { file: 'disable',
      camera: 'disable' } });
  const { secret } = await make(await own(3, 7),
    { pin: '2468', control_role: role.guid });
  const v = await guest(secret);
  await v.page.getByRole('heading', { name: /asks for a PIN/ }).waitFor();
  await v.accessible('the PIN');
  await v.field('PIN').fill('1111');
  await v.press('Continue');
  await v.sees('The PIN is wrong.');
  await v.field('PIN').fill('2468');
  await v.press('Continue');
  await v.page.getByRole('heading', { name: /shares these devices/ })
    .waitFor();
  await v.sees('files and camera');
  await v.accessible('several devices');
  await v.press('More for warehouse');
  assert.deepEqual(await v.page.getByRole('menuitem').allInnerTexts(),
    ['Terminal']);
  await v.close();
});

test('each refusal is a sentence, when the link is opened and when a session '
  + 'begins', async () => {
  const { secret, guid } = await make(await own(3));
  const v = await guest(secret);
  await v.page.getByRole('heading', { name: 'warehouse' }).waitFor();
  await s.world.admin.call('DELETE', `${PATH}/${guid}`);
  await v.press('Connect');
  await v.sees('The guest link was revoked.');
  await v.press('Back');
  await v.page.getByRole('heading', { name: /does not work/ }).waitFor();
  await v.sees('The guest link was revoked.');
  await v.accessible('refused');
  // Another link in the same tab.
  await follow(v, 'A'.repeat(43));
  await v.sees('There is no such guest link.');
  assert.equal(new URL(v.page.url()).hash, '');
  for (const [reason, words] of [['expired', 'has expired'],
    ['used', 'used as often as it may be'], ['void', 'no longer valid'],
    ['too_frequent', 'Wait a minute']] as const) {
    await v.page.route('**/api/web/guest', (r) => r.fulfill({ status: 403,
      json: { error: reason, reason } }), { times: 1 });
    await follow(v, reason);
    await v.sees(words);
  }
  await v.press('Connect by ID');
  await v.field('ID of the device').waitFor();
  await v.close();
});
