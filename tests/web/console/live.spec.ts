// Several people at once, and a server that goes away.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage({ devices: 12 });

test('what one administrator changes appears at another without a reload',
  async () => {
    const a = await Visit.admin(s, '/users');
    const b = await Visit.admin(s, '/user-groups');
    await b.row('Support').waitFor();
    await s.world.admin.post('/api/user-groups', { name: 'Night' });
    await b.row('Night').waitFor();
    await b.go('/users');
    await b.row('Anna Weber').waitFor();
    await a.menu('Anna Weber', 'Disable');
    await a.dialog().getByRole('button', { name: 'Disable' }).click();
    await b.row('Anna Weber').getByText('Disabled').waitFor();
    await a.press('Undo');
    await b.row('Anna Weber').getByText('Active').waitFor();
    await a.close();
    await b.close();
  });

test('who saves over what somebody else has changed is told, and loses nothing',
  async () => {
    const all = await s.world.admin.get<{ guid: string; name: string }[]>(
      '/api/strategies');
    const path = '/strategies/' + all.find((x) => x.name === 'Kiosk')!.guid;
    const v = await Visit.admin(s, '/');
    v.tolerant = true; // a refusal is an error in the browser's log
    // It does not hear of changes, as one whose line is slow.
    await v.page.route('**/api/web/events*', (r) => r.abort());
    await v.page.reload();
    await v.go(path);
    await v.field('Note').fill('mine');
    await s.world.admin.patch('/api' + path, { note: 'theirs' });
    await v.press('Save strategy');
    await v.sees(/Somebody else changed this meanwhile/);
    assert.equal((await s.world.admin.get<{ note: string }>(
      '/api' + path)).note, 'theirs');
    assert.equal(await v.field('Note').inputValue(), 'mine');
    await v.press('Save strategy');
    await v.sees('Kiosk saved');
    await v.close();
  });

test('while the server is away the page keeps what it has, then heals',
  async () => {
    const v = await Visit.admin(s, '/devices');
    v.tolerant = true;
    await v.row('reception').waitFor();
    await s.world.api.stop();
    await v.page.getByRole('textbox', { name: 'Search' }).count();
    await v.sees('No connection to the server');
    await v.row('reception').waitFor();
    await v.go('/strategies');
    await v.page.getByRole('heading', { name: 'The server does not answer' })
      .waitFor();
    await s.world.api.start();
    await v.row('Office').waitFor({ timeout: 30_000 });
    await v.text('No connection to the server').waitFor({ state: 'hidden' });
    await v.close();
  });

test('who is signed out elsewhere is asked to sign in, at the same address',
  async () => {
    const v = await Visit.open(s, {}, '/books');
    await v.signIn('ben', 'correct horse');
    v.tolerant = true;
    await v.sees('My address book');
    await s.world.admin.post('/api/users/force-logout',
      { user_guids: [s.seeded.users['ben']] });
    await v.go('/me');
    await v.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await v.signIn('ben', 'correct horse');
    await v.page.getByRole('heading', { name: 'My account' }).waitFor();
    await v.close();
  });
