// Strategies, address books, audit, client set-up, settings.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { Client } from './stack';

const s = stage({ devices: 12 });

test('a strategy fixes a setting, and Undo frees it', async () => {
  const v = await Visit.admin(s, '/strategies');
  await v.press('Create strategy');
  await v.field('Name').fill('Warehouse');
  await v.dialog().getByRole('button', { name: 'Create strategy' }).click();
  await v.page.getByRole('heading', { name: 'Warehouse' }).waitFor();
  await v.page.getByLabel('Find a setting').fill('camera');
  await v.page.getByLabel(/^Camera/).selectOption('Off');
  await v.press('Save strategy');
  await v.sees('Warehouse saved');
  const all = await s.world.admin.get<{ guid: string; name: string }[]>(
    '/api/strategies');
  const guid = all.find((x) => x.name === 'Warehouse')!.guid;
  const one = await s.world.admin.get<{ config_options: object }>(
    '/api/strategies/' + guid);
  assert.deepEqual(one.config_options, { 'enable-camera': 'N' });
  await v.undo('Warehouse saved');
  await v.page.getByText(/Former versions/).click();
  await v.sees('Camera: Off → not fixed');
  await v.page.getByRole('button', { name: 'Restore' }).first().click();
  await v.sees('Warehouse is as it was');
  const back = await s.world.admin.get<{ config_options: object }>(
    '/api/strategies/' + guid);
  assert.deepEqual(back.config_options, { 'enable-camera': 'N' });
  await v.close();
});

test('which presets of clients count is chosen, and what waits is shown',
  async () => {
    const v = await Visit.admin(s, '/settings/general');
    await v.page.getByLabel(/^Nothing/).check();
    await v.press('Save rules for new devices');
    await v.sees('Settings saved');
    assert.equal((await s.world.admin.get<{ presets: string }>(
      '/api/settings/general')).presets, 'off');
    await v.go('/settings/waiting');
    await v.sees('Nothing waits');
    await v.close();
  });

test('a book is shared, filled, tagged, and its bin gives back', async () => {
  const v = await Visit.admin(s, '/books');
  await v.press('Create address book');
  await v.field('Name').fill('Customers');
  await v.dialog().getByRole('button', { name: 'Create address book' }).click();
  await v.sees('No devices in this book');
  await v.press('Add device');
  await v.field('ID or address').fill('987 654 321');
  await v.field('Name in this book').fill('Bakery');
  await v.dialog().getByRole('button', { name: 'Add device' }).click();
  await v.row('Bakery').waitFor();
  await v.follow('Tags');
  await v.page.getByLabel('New tag').fill('north');
  await v.press('Add');
  await v.undo('Tag north added');
  await v.page.getByLabel('Name of north').waitFor({ state: 'detached' });
  await v.page.getByLabel('New tag').fill('north');
  await v.press('Add');
  await v.page.getByLabel('Name of north').waitFor();
  await v.follow('Sharing');
  await v.choose('Name', 'Supp', 'Support');
  await v.press('Share');
  await v.sees('Group Support');
  await v.link('Devices').nth(1).click();
  await v.menu('Bakery', 'Remove');
  await v.undo('moved to the recycle bin');
  await v.row('Bakery').waitFor();
  await v.menu('Bakery', 'Remove');
  await v.row('Bakery').waitFor({ state: 'detached' });
  await v.follow('Recycle bin');
  await v.menu('Bakery', 'Restore');
  await v.undo('One entry restored');
  await v.row('Bakery').waitFor();
  await v.close();
});

test('short lists sort by every column, and what cannot be undone asks before',
  async () => {
    const at = (url: string, enabled: boolean) => s.world.admin.post(
      '/api/webhooks', { url, enabled });
    await at('http://127.0.0.1:1/a', true);
    await at('http://127.0.0.1:1/b', false);
    await s.world.admin.put('/api/settings/ldap', { servers: [{ name: 'old',
      url: 'ldaps://old.example.com', base_dn: 'dc=example',
      enabled: false }] });
    const v = await Visit.admin(s, '/settings/webhooks');
    const first = (text: string) => v.page.waitForFunction((t) =>
      document.querySelector('tbody th')?.textContent === t, text);
    const sort = () => v.page.getByRole('columnheader', { name: 'State' })
      .getByRole('button').click();
    await v.row('127.0.0.1:1/a').waitFor();
    await sort();
    await first('http://127.0.0.1:1/b');
    await v.page.locator('th[aria-sort=ascending]').waitFor();
    await sort();
    await first('http://127.0.0.1:1/a');
    await v.menu('http://127.0.0.1:1/a', 'Change webhook…');
    await v.field('Address').fill('http://127.0.0.1:1/c');
    await v.dialog().getByRole('button', { name: 'Save' }).click();
    await v.undo('Webhook changed');
    await v.row('127.0.0.1:1/a').waitFor();
    await v.go('/settings/directories');
    await v.press('More for old');
    await v.page.getByRole('menuitem', { name: 'Remove…' }).click();
    await v.accessible('remove a directory');
    await v.dialog().getByRole('button', { name: 'Remove' }).click();
    await v.button('More for old').waitFor({ state: 'detached' });
    assert.deepEqual((await s.world.admin.get<{ servers: object[] }>(
      '/api/settings/ldap')).servers, []);
    await v.close();
  });

test('the audit is filtered, explained and annotated', async () => {
  const v = await Visit.admin(s, '/audit');
  await v.row('Anna Weber').first().waitFor();
  await v.press('Filter');
  await v.page.getByRole('menuitemcheckbox', { name: 'Kind: Camera' }).click();
  await v.page.keyboard.press('Escape');
  await v.sees('Kind: Camera');
  await v.page.getByRole('rowheader').getByRole('button').first().click();
  await v.dialog().getByText('As the device reported it').waitFor();
  await v.press('Close');
  await v.page.getByRole('row').nth(1).hover();
  await v.page.getByRole('button', { name: /^More for/ }).first().click();
  await v.page.getByRole('menuitem', { name: /Write note/ }).click();
  await v.field('Note').fill('Ticket 4711');
  await v.press('Save note');
  await v.row('Ticket 4711').waitFor();
  await v.close();
});

test('a live session is ended by an administrator', async () => {
  const v = await Visit.admin(s, '/sessions');
  await v.row('Anna Weber').first().waitFor();
  await v.page.getByRole('row').nth(1).hover();
  await v.page.getByRole('button', { name: /^More for/ }).first().click();
  await v.page.getByRole('menuitem', { name: /Disconnect/ }).click();
  await v.accessible('disconnect');
  await v.dialog().getByRole('button', { name: 'Disconnect' }).click();
  await v.sees('The device ends the session within seconds');
  await v.close();
});

test('the configuration string is what clients import', async () => {
  const v = await Visit.admin(s, '/setup?system=windows');
  const text = await v.page.locator('.copy.block code').first().innerText();
  const json = Buffer.from([...text].reverse().join(''), 'base64url');
  const server = JSON.parse(json.toString()) as Record<string, string>;
  assert.equal(server['host'], '127.0.0.1');
  assert.equal(server['key'], Buffer.alloc(32, 7).toString('base64'));
  assert.equal(server['api'], s.world.api.base);
  await v.sees(/^rustdesk-host=127\.0\.0\.1,key=.*,\.exe$/);
  await v.follow('Android, iOS');
  await v.page.getByRole('img', { name: /QR code/ }).locator('path').waitFor();
  await v.sees('adb shell am start -a android.intent.action.VIEW -d '
    + 'rustdesk://config/' + text);
  await v.close();
});

test('general settings are saved by part, and Undo takes them back',
  async () => {
    const v = await Visit.admin(s, '/settings');
    await v.page.getByRole('radio', { name: /Only signed-in users/ }).check();
    await v.press('Save access');
    await v.sees('Settings saved');
    const path = '/api/settings/general';
    assert.equal((await s.world.admin.get<{ access_control: string }>(path))
      .access_control, 'strict');
    await v.undo('Settings saved');
    assert.equal((await s.world.admin.get<{ access_control: string }>(path))
      .access_control, 'assigned');
    await v.close();
  });

test('mail, a directory and a provider are set up', async () => {
  const v = await Visit.admin(s, '/settings/mail');
  await v.field('Host').fill('mail.example.com');
  await v.field('Sender').fill('rd@example.com');
  await v.press('Save mail server');
  await v.sees('Settings saved');
  await v.follow('Directories');
  await v.press('Add directory');
  await v.field('Name').fill('Office');
  await v.field('Address').fill('ldap://127.0.0.1:1');
  await v.field('Search below').fill('dc=example,dc=com');
  await v.accessible('directory');
  await v.press('Save');
  await v.page.getByRole('listitem').filter({ hasText: 'Office' }).waitFor();
  await v.follow('Single sign-on');
  await v.press('Add provider');
  await v.press('Save');
  await v.page.getByText('Fill this in').nth(2).waitFor();
  await v.field('Name').fill('Login');
  await v.field('Issuer').fill('https://login.example.com');
  await v.field('Client ID').fill('console');
  await v.press('Save');
  await v.page.getByRole('listitem').filter({ hasText: 'Login' }).waitFor();
  await v.close();
});

test('an API token is shown once and works', async () => {
  const v = await Visit.admin(s, '/settings/tokens');
  await v.press('Create API token');
  await v.field('Name').fill('Inventory');
  await v.dialog().getByRole('button', { name: 'Create API token' }).click();
  await v.sees('Allow at least one thing');
  await v.page.getByRole('group', { name: 'Devices' })
    .getByRole('radio', { name: 'Read', exact: true }).check();
  await v.dialog().getByRole('button', { name: 'Create API token' }).click();
  await v.sees('Copy it now');
  const token = await v.dialog().locator('code').innerText();
  const devices = await new Client(s.world.api.base, token)
    .get<{ total: number }>('/api/devices');
  assert.equal(devices.total, 12);
  await v.press('I have copied it');
  await v.row('Inventory').getByText('Devices (Read)').waitFor();
  await v.close();
});

test('a webhook is created, and what its address says is shown', async () => {
  const v = await Visit.admin(s, '/settings/webhooks');
  await v.press('Create webhook');
  await v.field('Address').fill('http://127.0.0.1:1/hook');
  await v.dialog().getByRole('button', { name: 'Create webhook' }).click();
  await v.page.getByRole('row').filter({ hasText: '/hook' }).waitFor();
  v.tolerant = true;
  await v.menu('http://127.0.0.1:1/hook', /^Deliveries/);
  await v.dialog().getByRole('button', { name: 'Send a test event' }).click();
  await v.dialog().getByRole('row').filter({ hasText: 'Not reached' })
    .filter({ hasText: 'Test' }).waitFor();
  await v.accessible('deliveries');
  await v.close();
});
