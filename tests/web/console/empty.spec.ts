// A server nobody has used yet.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage({ empty: true });

test('an empty server says on every page what it is for', async () => {
  const v = await Visit.admin(s, '/devices');
  const empty: [string, string][] = [['/devices', 'No devices yet'],
    ['/sessions', 'Nobody is connected'],
    ['/guest-links', 'No guest links yet'],
    ['/user-groups', 'No user groups yet'],
    ['/device-groups', 'No device groups yet'], ['/access', 'No rules yet'],
    ['/strategies', 'No strategies yet'],
    ['/admin-roles', 'No administrator roles yet'],
    ['/audit', 'Nothing here yet'], ['/recordings', 'No recordings yet'],
    ['/settings/tokens', 'No API tokens yet'],
    ['/settings/webhooks', 'No webhooks yet'],
    ['/settings/directories', 'No directory yet'],
    ['/settings/sign-on', 'No provider yet'],
    ['/settings/deleted', 'No deleted devices']];
  for (const [path, words] of empty) {
    await v.go(path);
    await v.page.getByRole('heading', { name: words }).waitFor();
    await v.accessible(path);
  }
  await v.close();
});

test('browsers that ask for an icon of their own accord get one', async () => {
  const v = await Visit.admin(s);
  const icon = await v.page.evaluate(async () => {
    const r = await fetch('/favicon.ico');
    return [r.status, r.headers.get('Content-Type')];
  });
  assert.deepEqual(icon, [200, 'image/x-icon']);
  await v.close();
});

test('the first steps stay until done, can be skipped and come back',
  async () => {
    const v = await Visit.admin(s);
    const guide = v.page.getByRole('region', { name: 'First steps' });
    await guide.getByText('Connect the first device').waitFor();
    await guide.getByRole('button', { name: 'Skip' }).first().click();
    const first = guide.getByText('Choose a password of your own');
    await first.waitFor({ state: 'hidden' });
    await v.press('Show first steps');
    await first.waitFor();
    await v.close();
  });

test('the first device appears in the guide without a reload', async () => {
  const v = await Visit.admin(s);
  await v.sees('of 0');
  const d = await s.world.device({ hostname: 'first' });
  await d.seen();
  await v.sees('of 1');
  await v.close();
});
