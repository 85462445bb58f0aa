// Forms that are open while others change what they show.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { waitFor } from './stack';

const s = stage({ empty: true });

const general = () => s.world.admin.get<Record<string, unknown>>(
  '/api/settings/general');
const change = (section: string, body: object) =>
  s.world.admin.put('/api/settings/' + section, body);

const DAYS = 'Sign out after not being used for';

test('a form that somebody else changes keeps its controls, its focus and what '
  + 'was typed, and saves all of it', async () => {
  const v = await Visit.admin(s, '/settings/general');
  const kinds = v.field('Presets that count');
  await kinds.click();
  await kinds.press('End');
  await kinds.pressSequentially('\nmine');
  await v.page.getByLabel(/^Nothing/).check();
  await kinds.click();
  const control = (await kinds.elementHandle())!;
  const button = (await v.button('Save rules for new devices')
    .elementHandle())!;
  await change('general', { session_days: 23 });
  await waitFor('the other change', async () =>
    await v.field(DAYS).inputValue() === '23');
  assert.equal(await control.evaluate((n) =>
    n.isConnected && n === document.activeElement), true);
  assert.match(await kinds.inputValue(), /\nmine\b/);
  assert.equal(await v.page.getByLabel(/^Nothing/).isChecked(), true);
  await button.click();
  await v.sees('Settings saved');
  const now = await general();
  assert.equal(now['presets'], 'off');
  assert.equal(now['session_days'], 23);
  assert.ok((now['preset_kinds'] as string[]).includes('mine'));
  await v.button('Save rules for new devices').and(
    v.page.locator(':disabled')).waitFor();
  await v.close();
});

test('who edits a field that somebody else saves meanwhile is told once, and '
  + 'then decides', async () => {
  const v = await Visit.admin(s, '/settings/general');
  await v.field(DAYS).fill('40');
  await v.field('Keep the audit for').fill('50');
  await change('general', { session_days: 30, log_retention_days: 60,
    max_peer_one_ab: 77 });
  await waitFor('the other change', async () => await v.field(
    'Most devices in one address book').inputValue() === '77');
  await v.press('Save sign-in');
  await v.sees('Somebody else changed this meanwhile');
  assert.equal((await general())['session_days'], 30);
  assert.equal(await v.field(DAYS).inputValue(), '40');
  await v.press('Save sign-in');
  await waitFor('the second attempt', async () =>
    (await general())['session_days'] === 40);
  await v.page.locator('form', { has: v.button('Save retention') })
    .getByRole('button', { name: 'Discard' }).click();
  await waitFor('what is there', async () =>
    await v.field('Keep the audit for').inputValue() === '60');
  await v.close();
});

test('a directory that is edited while the list changes is saved, and so is '
  + 'the other change', async () => {
  const one = (name: string, url: string) =>
    ({ name, url, base_dn: 'dc=example,dc=com', enabled: false });
  await change('ldap', { servers: [one('first', 'ldaps://one.example.com')] });
  const v = await Visit.admin(s, '/settings/directories');
  await v.press('first');
  await v.field('Address').fill('ldaps://changed.example.com');
  await change('ldap', { servers: [one('first', 'ldaps://one.example.com'),
    one('second', 'ldaps://two.example.com')] });
  await v.page.getByRole('button', { name: 'second', includeHidden: true })
    .first().waitFor({ state: 'attached' });
  await v.dialog().getByRole('button', { name: 'Save' }).click();
  await v.dialog().waitFor({ state: 'hidden' });
  const { servers } = await s.world.admin.get<{ servers: { name: string;
    url: string }[] }>('/api/settings/ldap');
  assert.deepEqual(servers.map((x) => [x.name, x.url]),
    [['first', 'ldaps://changed.example.com'],
      ['second', 'ldaps://two.example.com']]);
  await v.close();
});
