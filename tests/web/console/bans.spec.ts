// Who is kept out, and devices that are one machine.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage();

interface Ban {
  address?: string;
  device?: string;
  note: string;
  expires_at: number;
}

const bans = async () =>
  (await s.world.admin.get<{ data: Ban[] }>('/api/bans')).data;

test('a network is banned for a day, and what the server is told about its '
  + 'own address stands beside the field', async () => {
  const v = await Visit.admin(s, '/settings/bans');
  v.tolerant = true; // of the refusal
  await v.sees('Nobody is banned');
  await v.page.getByRole('button', { name: 'Ban', exact: true }).first().click();
  await v.field('Address or network').fill('127.0.0.1');
  const make = v.dialog().getByRole('button', { name: 'Ban', exact: true });
  await make.click();
  await v.sees('This would ban the server itself.');
  await v.field('Address or network').fill('203.0.113.77/24');
  await v.dialog().getByLabel('Note').fill('scans');
  await make.click();
  await v.row('203.0.113.0/24').waitFor();
  const [ban] = await bans();
  assert.equal(ban!.note, 'scans');
  const left = ban!.expires_at - Date.now() / 1000;
  assert.ok(left > 82000 && left < 86401, String(left));
  await v.accessible('/settings/bans');
  await v.menu('203.0.113.0/24', 'End the ban');
  await v.undo('203.0.113.0/24 is not banned any more');
  await v.row('203.0.113.0/24').waitFor();
  assert.equal((await bans())[0]!.expires_at, ban!.expires_at);
  await v.close();
});

test('a device is banned for good', async () => {
  const v = await Visit.admin(s, '/settings/bans');
  await v.page.getByRole('button', { name: 'Ban', exact: true }).first().click();
  await v.dialog().getByLabel('What').selectOption('Device');
  await v.field('ID').fill('987 654 321');
  await v.dialog().getByLabel('For how long').selectOption('For good');
  await v.dialog().getByRole('button', { name: 'Ban', exact: true }).click();
  await v.row('987 654 321').getByText('For good').waitFor();
  assert.ok((await bans()).some((b) => b.device === '987654321'
    && b.expires_at === 0));
  await v.close();
});

test('two entries of one machine become one, and Undo makes two of them',
  async () => {
    const twin = { hostname: 'front-desk', username: 'elif',
      os: 'linux / Debian 12' };
    const keep = await s.world.device(twin);
    const gone = await s.world.device(twin);
    await keep.seen();
    await s.world.admin.post(`/api/devices/${gone.guid}/assign`,
      { type: 'user_name', value: 'elif' });
    const v = await Visit.admin(s, '/duplicates?by=host');
    await v.row('front-desk').getByText('2', { exact: true }).waitFor();
    await v.menu('front-desk', 'Merge');
    await v.dialog().getByText(/gets from the others: User/).waitFor();
    await v.accessible('/duplicates');
    await v.dialog().getByRole('button', { name: 'Merge' }).click();
    const owner = async () => (await s.world.admin.get<{ user_name: string }>(
      `/api/devices/${keep.guid}`)).user_name;
    await v.sees('One device is merged into front-desk');
    assert.equal(await owner(), 'elif');
    await v.undo('One device is merged into front-desk');
    await v.row('front-desk').waitFor();
    assert.equal(await owner(), '');
    await v.close();
  });
