// Who is kept out, devices that are one machine, and machines that are one
// device.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { waitFor } from './stack';

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
  await v.sees('203.0.113.0/24 is not banned any more');
  await v.press('Undo');      // at once: it is offered for ten seconds
  await waitFor('the same ban', async () =>
    (await bans())[0]?.expires_at === ban!.expires_at);
  await v.page.reload();
  await v.menu('203.0.113.0/24', 'End the ban');
  await v.sees('Nobody is banned');
  assert.deepEqual(await bans(), []);
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
    const owner = async () => (await s.world.admin.get<{ user_name: string }>(
      `/api/devices/${keep.guid}`)).user_name;
    const v = await Visit.admin(s, '/duplicates?by=host');
    const ask = async () => {
      await v.row('front-desk').getByText('2', { exact: true }).waitFor();
      await v.menu('front-desk', 'Merge');
      await v.dialog().getByText(/gets from the others: User/).waitFor();
    };
    const merge = () =>
      v.dialog().getByRole('button', { name: 'Merge' }).click();
    await ask();
    await v.accessible('/duplicates');
    await merge();
    await v.sees('One device is merged into front-desk');
    await v.press('Undo');      // at once: it is offered for ten seconds
    await waitFor('the owner is taken back', async () => await owner() === '');
    await v.page.reload();
    await ask();
    await merge();
    await v.sees('No duplicates');
    assert.equal(await owner(), 'elif');
    await v.close();
  });

test('an id of two machines is seen, said to be no copy, and taken from the '
  + 'copy', async () => {
  const d = await s.world.device({ hostname: 'original' });
  const turns = async (home: string, away: string) => {
    for (let i = 0; i < 3; i++) {
      await d.report({ hostname: 'copy' }, away);
      await d.report({ hostname: 'original' }, home);
    }
  };
  await turns('192.0.2.1', '192.0.2.1');
  const v = await Visit.admin(s);
  await v.sees('One ID is used by several machines');
  await v.go(`/devices/${d.guid}`);
  await v.sees('Several machines use this ID');
  await v.page.getByRole('button', { name: 'Resolve…' }).click();
  // Behind one address nobody is sent away; the page says how it is done.
  await v.dialog().getByText(/cannot tell them apart/).waitFor();
  await v.dialog().getByText(/systemd-machine-id-setup/).waitFor();
  await v.accessible('the machines of an id');
  const keep = v.dialog().getByRole('button', { name: 'Keep this one' });
  assert(await keep.isDisabled());
  await v.dialog().getByRole('button', { name: 'Not a copy' }).click();
  await v.undo('is not a copy, until another machine shows up');
  await v.sees('Several machines use this ID');
  await s.world.admin.post(`/api/devices/${d.guid}/clone/check`);
  await turns('192.0.2.1', '198.51.100.2');
  await v.go('/duplicates?by=copy');
  await v.menu(d.id.replace(/\B(?=(\d{3})+$)/g, '\u202f'), 'Resolve');
  await v.dialog().getByRole('radio', { name: 'original keeps' }).check();
  await v.dialog().getByText(/tells copy to take another ID/).waitFor();
  await keep.click();
  await v.sees('No copied IDs');
  const order = await s.world.redis.do('HKEYS', 'policy:leave');
  assert(order.includes(`${d.id} 198.51.100.2`) && order.startsWith('*1'));
  await v.close();
});
