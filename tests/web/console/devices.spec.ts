// What an administrator does with devices all day.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage();

const status = async (name: string) =>
  (await s.world.admin.get<{ data: { status: number }[] }>(
    '/api/devices?device_name=' + name)).data[0]?.status;

test('a device is found by name, by id with blanks, and by Ctrl K', async () => {
  const v = await Visit.admin(s, '/devices');
  await v.row('reception').waitFor();
  await v.field('Search devices').fill('boardroom');
  await v.row('reception').waitFor({ state: 'detached' });
  await v.row('boardroom').waitFor();
  await v.page.keyboard.press('Control+k');
  await v.page.keyboard.type('kiosk-ber');
  await v.page.getByRole('option', { name: /kiosk-berlin/ }).waitFor();
  await v.accessible('palette');
  await v.page.keyboard.press('Enter');
  await v.page.getByRole('heading', { name: 'kiosk-berlin' }).waitFor();
  await v.close();
});

test('filters are chips in words, and the address carries them', async () => {
  const v = await Visit.admin(s, '/devices');
  await v.press('Filter');
  await v.page.getByRole('menuitemcheckbox', { name: 'State: Offline' }).click();
  await v.page.keyboard.press('Escape');
  await v.sees('offline');
  await v.row('reception').waitFor({ state: 'detached' });
  await v.row('till-2').waitFor();
  assert.match(v.page.url(), /online=0/);
  await v.page.reload();
  await v.row('till-2').waitFor();
  await v.press('Remove offline');
  await v.row('reception').waitFor();
  await v.close();
});

test('what was typed into a filter finds by ID, by name and by the day of adding',
  async () => {
    const v = await Visit.admin(s, '/devices?name=till-2');
    await v.row('till-2').waitFor();
    await v.row('reception').waitFor({ state: 'detached' });
    const id = new URL((await v.page.getByRole('link', { name: 'till-2' })
      .getAttribute('href'))!, v.page.url()).pathname.split('/').pop()!;
    const device = await s.world.admin.get<{ id: string }>('/api/devices/' + id);
    await v.go('/devices');
    await v.row('reception').waitFor();
    await v.press('Filter');
    await v.page.getByRole('menuitem', { name: 'ID…', exact: true }).click();
    // As it is shown, in groups.
    await v.dialog().getByRole('textbox').fill(
      device.id.replace(/(...)(?=.)/g, '$1 '));
    await v.dialog().getByRole('button', { name: 'Filter' }).click();
    await v.row('reception').waitFor({ state: 'detached' });
    await v.row('till-2').waitFor();
    assert.equal(new URL(v.page.url()).searchParams.get('id'), device.id);
    await v.press('Filter');
    await v.page.getByRole('menuitemcheckbox',
      { name: 'Added: in the last 7 days' }).click();
    await v.page.keyboard.press('Escape');
    await v.button('Remove Added: in the last 7 days').waitFor();
    await v.row('till-2').waitFor();
    await v.close();
  });

test('a click on a heading sorts and says so to screen readers', async () => {
  const v = await Visit.admin(s, '/devices');
  await v.row('reception').waitFor();
  await v.page.getByRole('columnheader', { name: 'Name' })
    .getByRole('button').click();
  await v.page.locator('th[aria-sort=ascending]').waitFor();
  await v.page.waitForFunction(() => document.querySelector(
    'tbody th')?.textContent === 'accounting');
  await v.page.getByRole('columnheader', { name: 'Name' })
    .getByRole('button').click();
  await v.page.waitForFunction(() => document.querySelector(
    'tbody th')?.textContent === 'workshop');
  await v.close();
});

test('a device is disabled at once, and Undo takes it back', async () => {
  const v = await Visit.admin(s, '/devices');
  await v.menu('till-1', 'Disable');
  await v.sees('till-1 is disabled');
  assert.equal(await status('till-1'), 0);
  await v.undo('till-1 is disabled');
  assert.equal(await status('till-1'), 1);
  await v.row('till-1').getByText('Online').waitFor();
  await v.close();
});

test('name, note, user, group and strategy of a device are changed',
  async () => {
    const v = await Visit.admin(s, '/devices');
    await v.menu('workshop', /Edit name and note/);
    await v.field('Name').fill('workshop-2');
    await v.field('Note').fill('Moved to hall B');
    await v.press('Save');
    await v.row('workshop-2').waitFor();
    await v.menu('workshop-2', /Assign to user/);
    await v.choose('Assign to user', 'ben', 'ben');
    await v.press('Assign to user');
    await v.row('workshop-2').getByText('ben').waitFor();
    await v.menu('workshop-2', /Put into device group/);
    await v.choose('Put into device group', 'Kio', 'Kiosks');
    await v.press('Put into device group');
    await v.row('workshop-2').getByText('Kiosks').waitFor();
    await v.menu('workshop-2', /Assign strategy/);
    await v.choose('Assign strategy', 'Off', 'Office');
    await v.press('Assign strategy');
    await v.row('workshop-2').getByText('Office').waitFor();
    await v.close();
  });

test('a device that is not needed is retired, and comes back as it was',
  async () => {
    const v = await Visit.admin(s, '/devices');
    await v.menu('till-2', 'Retire');
    await v.row('till-2').waitFor({ state: 'detached' });
    await v.go('/settings/retired');
    await v.row('till-2').waitFor();
    await v.menu('till-2', 'Take it back');
    await v.sees('No retired devices');
    await v.go('/devices');
    await v.row('till-2').getByText('clara').waitFor();
    await v.page.reload(); // and what was said is gone
    await v.menu('till-2', 'Retire');
    await v.undo('till-2 is retired');
    await v.row('till-2').getByText('clara').waitFor();
    assert.equal(await status('till-2'), 1);
    await v.close();
  });

test('what a device is, its settings and its sessions are beside the list',
  async () => {
    const v = await Visit.admin(s, '/devices');
    await v.follow('reception');
    await v.panel().getByText('Core i5').waitFor();
    await v.panel().getByRole('link', { name: 'Settings' }).click();
    await v.sees(/The strategy Office applies/);
    await v.sees('The device has not confirmed it yet');
    await v.panel().getByText(/Left to the device/).click();
    await v.panel().getByText(/On, unless set/).first().waitFor();
    await v.panel().getByRole('link', { name: 'Sessions' }).click();
    await v.panel().getByText('Remote desktop').waitFor();
    await v.page.keyboard.press('Escape');
    await v.panel().waitFor({ state: 'detached' });
    await v.row('reception').waitFor();
    await v.close();
  });

test('many devices are chosen, disabled, and given back by Undo', async () => {
  const v = await Visit.admin(s, '/devices?q=server');
  await v.row('server-01').waitFor();
  await v.page.getByRole('checkbox', { name: 'Select all on this page' })
    .check();
  await v.sees('2 selected');
  await v.accessible('selection');
  await v.press('Disable');
  await v.row('server-01').getByText('Disabled').waitFor();
  await v.row('server-02').getByText('Disabled').waitFor();
  await v.press('Undo');
  await v.row('server-01').getByText('Disabled').waitFor({ state: 'detached' });
  await v.close();
});

test('devices are changed by a file, after a preview row by row',
  async () => {
    const v = await Visit.admin(s, '/devices?q=scanner');
    await v.row('scanner').waitFor();
    const id = s.seeded.ids[18]!;
    await v.press(/Import devices/);
    await v.page.getByLabel('CSV file').setInputFiles({ name: 'd.csv',
      mimeType: 'text/csv', buffer: Buffer.from(
        `id;note\n${id};Behind the counter\n77777777;nobody\n`) });
    await v.sees('No device with this ID has registered yet.');
    await v.accessible('import of devices');
    await v.press('Import one row');
    await v.dialog().getByText('One was not changed').waitFor();
    await v.dialog().getByRole('button', { name: 'Close' }).last().click();
    await v.follow('scanner');
    await v.panel().getByText('Behind the counter').waitFor();
    await v.close();
  });

test('a change of many that another page left can be gone on with, or ended',
  async () => {
    await s.world.admin.post('/api/devices/bulk', { id: 'left', op: 'note',
      value: 'from before', guids: s.seeded.devices.slice(0, 12) });
    const { data: [me] } = await s.world.admin.get<{ data: { guid: string }[] }>(
      '/api/users?name=admin');
    await s.world.redis.do('HSET', 'api:bulk:' + me!.guid, 'state', 'running',
      'done', '6');
    const v = await Visit.admin(s, '/devices');
    // The page waits 15 s for another one to be at work on it.
    await v.dialog().getByText('A change of many was interrupted')
      .waitFor({ timeout: 60_000 });
    await v.accessible('left');
    await v.dialog().getByRole('button', { name: 'Stop' }).click();
    await v.dialog().waitFor({ state: 'detached' });
    const { job } = await s.world.admin.get<{ job: { state: string } }>(
      '/api/bulk');
    assert.equal(job.state, 'stopped');
    await v.close();
  });

test('a device is deleted after a question and let back from the settings',
  async () => {
    const v = await Visit.admin(s, '/devices?q=hr-desk');
    await v.row('hr-desk').waitFor();
    await v.menu('hr-desk', /Delete/);
    await v.dialog().getByText('Delete hr-desk?').waitFor();
    await v.accessible('question');
    await v.dialog().getByRole('button', { name: 'Delete' }).click();
    await v.sees('Nothing matches.');
    await v.go('/settings/deleted');
    const id = s.seeded.ids[17]!.replace(/\B(?=(\d{3})+$)/g, '\u202f');
    await v.menu(id, 'Let it come back');
    await v.sees('No deleted devices');
    await v.close();
  });

test('the rows that are filtered are exported as CSV', async () => {
  const v = await Visit.admin(s, '/devices?q=kiosk');
  await v.row('kiosk-berlin').waitFor();
  const waiting = v.page.waitForEvent('download');
  await v.press('Export as CSV');
  const text = readFileSync(await (await waiting).path(), 'utf8');
  assert.match(text, /^\ufeff"id","device_name"/);
  assert.match(text, /"kiosk-hamburg"/);
  assert.equal(text.trim().split('\r\n').length, 3);
  await v.close();
});

test('columns are chosen, and a view keeps search and filters', async () => {
  const v = await Visit.admin(s, '/devices?q=laptop&online=1');
  await v.row('laptop-anna').waitFor();
  await v.press('Columns');
  await v.page.getByRole('menuitemcheckbox', { name: 'Address' }).click();
  await v.page.keyboard.press('Escape');
  await v.page.getByRole('columnheader', { name: 'Address' }).waitFor();
  await v.press('Views');
  await v.page.getByRole('menuitem', { name: /Save this view/ }).click();
  await v.field('Name of the view').fill('Laptops online');
  await v.press('Save');
  await v.go('/devices');
  await v.row('reception').waitFor();
  await v.press('Views');
  await v.page.getByRole('menuitem', { name: 'Laptops online',
    exact: true }).click();
  await v.row('reception').waitFor({ state: 'detached' });
  await v.sees('online');
  await v.close();
});

test('the list answers to the keyboard alone', async () => {
  const v = await Visit.admin(s, '/devices?sort=name');
  await v.row('accounting').waitFor();
  await v.page.keyboard.press('j');
  await v.page.keyboard.press('j');
  await v.page.keyboard.press('x');
  await v.sees('One selected');
  await v.page.keyboard.press('x');
  await v.page.keyboard.press('/');
  await v.page.keyboard.type('scanner');
  await v.row('accounting').waitFor({ state: 'detached' });
  await v.page.locator('thead').click();
  await v.page.keyboard.press('j');
  await v.page.keyboard.press('Enter');
  await v.page.getByRole('heading', { name: 'scanner' }).waitFor();
  await v.page.keyboard.press('Escape');
  await v.page.keyboard.press('g');
  await v.page.keyboard.press('u');
  await v.page.getByRole('heading', { name: 'Users' }).waitFor();
  await v.page.keyboard.press('?');
  await v.dialog().getByText('Search and commands').waitFor();
  await v.close();
});
