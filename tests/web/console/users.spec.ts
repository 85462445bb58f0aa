// Users, groups, rules, roles: who is who and may do what.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { login } from './stack';

const s = stage({ devices: 12 });

test('a user is created, changed with Undo, and signs in', async () => {
  const v = await Visit.admin(s, '/users');
  await v.press('Create user');
  await v.field('Name').fill('greta');
  await v.field('Full name').fill('Greta Lang');
  await v.field('First password').fill('short');
  await v.dialog().getByRole('button', { name: 'Create user' }).click();
  await v.sees('The password needs at least 8 characters.');
  await v.field('First password').fill('correct horse');
  await v.choose('User group', 'Sal', 'Sales');
  await v.dialog().getByRole('button', { name: 'Create user' }).click();
  await v.row('Greta Lang').waitFor();
  await login(s.world.api.base, 'greta', 'correct horse');
  await v.follow(/Greta Lang/);
  await v.panel().getByLabel('Mail address').fill('greta@example.com');
  await v.sees('Not saved yet');
  await v.press('Save details');
  await v.undo('Greta Lang saved');
  await v.row('greta@example.com').waitFor({ state: 'detached' });
  await v.close();
});

test('an error of the server stands at the field it is about', async () => {
  const v = await Visit.admin(s, '/users?new=1');
  v.tolerant = true;
  await v.field('Name').fill('anna');
  await v.field('First password').fill('correct horse');
  await v.dialog().getByRole('button', { name: 'Create user' }).click();
  await v.sees('A user with this name exists.');
  assert.equal(await v.field('Name').getAttribute('aria-invalid'), 'true');
  await v.close();
});

test('what was typed and not saved is still there after leaving', async () => {
  const v = await Visit.admin(s, '/users/' + s.seeded.users['ben']);
  await v.panel().getByLabel('Note').fill('Half a thought');
  await v.go('/devices');
  await v.go('/users/' + s.seeded.users['ben']);
  await v.sees('Not saved yet');
  assert.equal(await v.panel().getByLabel('Note').inputValue(),
    'Half a thought');
  await v.press('Discard changes');
  await v.text('Not saved yet').waitFor({ state: 'hidden' });
  await v.close();
});

test('users are imported from a file after a preview', async () => {
  const v = await Visit.admin(s, '/users');
  await v.press(/Import users/);
  await v.page.getByLabel('CSV file').setInputFiles({ name: 'users.csv',
    mimeType: 'text/csv', buffer: Buffer.from(
      'name,email,password\r\nnora,nora@example.com,correct horse\r\n'
      + 'anna,x@example.com,correct horse\r\nola,,short\r\n') });
  await v.sees('x@example.com');
  await v.sees('The password needs at least 8 characters.');
  await v.accessible('import');
  await v.press('Import 2 rows');
  await v.row('nora').waitFor();
  await v.row('x@example.com').waitFor();
  await v.close();
});

test('a second factor is required, sessions end, a user is deleted',
  async () => {
    const v = await Visit.admin(s, '/users');
    await v.menu('Clara Vogt', 'Require two-factor sign-in');
    await v.row('Clara Vogt').getByText('Required, not set up').waitFor();
    await v.menu('Clara Vogt', /Sign out everywhere/);
    await v.dialog().getByRole('button', { name: 'Sign out everywhere' })
      .click();
    await v.sees('One user is signed out everywhere');
    await v.menu('Elif Kaya', /Delete/);
    await v.page.getByLabel('Type elif to confirm').fill('elif');
    await v.dialog().getByRole('button', { name: 'Delete' }).click();
    await v.row('Elif Kaya').waitFor({ state: 'detached' });
    await v.close();
  });

test('a group is made, filled, and emptied with Undo', async () => {
  const v = await Visit.admin(s, '/user-groups');
  await v.press('Create user group');
  await v.field('Name').fill('Night shift');
  await v.dialog().getByRole('button', { name: 'Create user group' }).click();
  await v.page.getByRole('heading', { name: 'Night shift' }).waitFor();
  await v.choose('Add a user', 'dmi', 'dmitri');
  await v.dialog().getByRole('button', { name: 'Add' }).click();
  await v.panel().getByRole('link', { name: 'Dmitri Orlov' }).waitFor();
  await v.press('Remove Dmitri Orlov');
  await v.dialog().getByRole('button', { name: 'Remove', exact: true }).click();
  await v.sees('Nobody is in this group.');
  await v.press('Undo');
  await v.panel().getByRole('link', { name: 'Dmitri Orlov' }).waitFor();
  await v.close();
});

test('a rule is added and removed, in sentences', async () => {
  const v = await Visit.admin(s, '/access');
  await v.sees('Members of Support may reach the devices of Sales');
  await v.press('Add rule');
  await v.choose('User group', 'Prod', 'Production');
  await v.choose('Device group', 'Kio', 'Kiosks');
  await v.press('Allow');
  const rule = 'Members of Production may reach the device group Kiosks';
  await v.sees(rule);
  await v.press('Remove ' + rule);
  await v.press('Remove rule');
  await v.undo('Rule removed');
  await v.sees(rule);
  await v.close();
});

test('Explain answers in sentences why somebody may or may not', async () => {
  const v = await Visit.admin(s,
    `/devices/${s.seeded.devices[0]}?tab=access`);
  await v.choose('User', 'anna', 'anna');
  await v.press('Ask');
  await v.sees('The device is the user’s own.');
  await v.choose('User', 'ben', 'ben');
  await v.press('Ask');
  await v.sees('no rule lets this user reach it');
  await v.accessible('explain');
  await v.close();
});

test('a control role says what is allowed during sessions', async () => {
  const v = await Visit.admin(s, '/control-roles');
  await v.follow('Helpdesk');
  await v.page.getByRole('group', { name: 'Camera' })
    .getByRole('radio', { name: 'Forbid' }).check();
  await v.press('Save control role');
  await v.row('Helpdesk').getByText(/Camera/).waitFor();
  await v.close();
});

test('who has an administrator role sees and opens only what it allows',
  async () => {
    const v = await Visit.admin(s, '/admin-roles');
    await v.press('Create administrator role');
    await v.field('Name').fill('Desk');
    await v.dialog().getByRole('button', { name: 'Create' }).click();
    await v.page.getByRole('group', { name: 'Devices' })
      .getByRole('checkbox', { name: 'See' }).check();
    await v.press('Save administrator role');
    await v.sees('Desk saved');
    await v.go('/users/' + s.seeded.users['ben']);
    await v.panel().getByRole('checkbox', { name: 'Desk', exact: true }).check();
    await v.press('Save rights');
    await v.sees('Ben Schulz saved');
    await v.close();

    const b = await Visit.open(s, {}, '/devices');
    await b.signIn('ben', 'correct horse');
    await b.row('reception').waitFor();
    const links = await b.page.getByRole('navigation', { name: 'Pages' })
      .first().getByRole('link').allInnerTexts();
    for (const hidden of ['Users', 'Strategies', 'Settings', 'Control roles'])
      assert.ok(!links.includes(hidden), hidden);
    await b.go('/users');
    await b.sees('Your role does not include this page');
    await b.close();
  });

test('a user without a role sees his own account, books and audit',
  async () => {
    const v = await Visit.open(s, {}, '/me');
    await v.signIn('anna', 'correct horse');
    await v.sees('Where you are signed in');
    await v.sees('My devices');
    for (const path of ['/books', '/audit', '/setup', '/me']) {
      await v.go(path);
      await v.settled();
      await v.accessible(path);
    }
    await v.close();
  });

test('users are sorted by their last sign-in and filtered by their rights',
  async () => {
    await s.world.admin.post('/api/users', { name: 'newcomer',
      display_name: 'Nora Neu', note: 'first week', email: 'newcomer@example.com',
      password: 'correct horse' });
    const v = await Visit.admin(s, '/users');
    await v.row('Nora Neu').getByText('–', { exact: true }).first().waitFor();
    const heading = v.page.getByRole('columnheader', { name: 'Last sign-in' })
      .getByRole('button');
    await heading.click();
    await v.page.locator('th[aria-sort=ascending]').waitFor();
    await heading.click();
    await v.page.locator('th[aria-sort=descending]').waitFor();
    // Who looks has signed in last.
    await v.page.waitForFunction(() => document.querySelector(
      'tbody th')?.textContent === 'admin');
    await v.press('Filter');
    await v.page.getByRole('menuitemcheckbox',
      { name: 'Rights: Full administrator' }).click();
    await v.page.keyboard.press('Escape');
    await v.row('Nora Neu').waitFor({ state: 'detached' });
    await v.row('admin').first().waitFor();
    assert.match(v.page.url(), /rights=all/);
    await v.close();
  });

test('everybody changes his own name, address and note', async () => {
  const v = await Visit.open(s, {}, '/me');
  await v.signIn('dmitri', 'correct horse');
  await v.field('Full name').fill('Dmitri Orloff');
  await v.field('Mail address').fill('orloff@example.com');
  await v.field('Note').fill('Hall B');
  await v.press('Save profile');
  await v.sees('Your profile is saved');
  await v.button('Account of Dmitri Orloff').waitFor();
  await v.page.reload();
  await v.field('Full name').waitFor();
  assert.equal(await v.field('Mail address').inputValue(),
    'orloff@example.com');
  assert.equal(await v.field('Note').inputValue(), 'Hall B');
  await v.close();
});

test('somebody with more rights is seen by a delegate, who is offered nothing'
  + ' that the api refuses', async () => {
  const { admin } = s.world;
  const { ben, anna } = s.seeded.users as Record<string, string>;
  const tilda = await admin.post<{ guid: string }>('/api/users', {
    name: 'tilda', display_name: 'Tilda Berg', password: 'correct horse',
    group_name: 'Support' });
  const groups = await admin.get<{ data: { guid: string; name: string }[] }>(
    '/api/user-groups');
  const support = groups.data.find((g) => g.name === 'Support')!.guid;
  const role = (perms: string[], more: object) => admin.post<{ guid: string }>(
    '/api/admin-roles', { name: perms.join(), perms, ...more });
  const desk = await role(['users.enable', 'users.note', 'users.2fa',
    'users.logout'], { type: 'group', user_groups: [support] });
  const auditor = await role(['audits.view'], { type: 'global' });
  await admin.patch('/api/users/' + ben, { admin_roles: [desk.guid] });
  await admin.patch('/api/users/' + anna, { admin_roles: [auditor.guid] });
  const v = await Visit.open(s);
  await v.signIn('ben', 'correct horse');
  await v.go('/users/' + tilda.guid);
  await v.button('Save details').waitFor();
  await v.panel().getByRole('button', { name: /^More for/ }).waitFor();
  await v.go('/users/' + anna);
  await v.panel().getByRole('heading', { name: 'Anna Weber' }).waitFor();
  await v.panel().getByText('Two-factor sign-in').waitFor();
  assert.equal(await v.panel().getByRole('button', { name: /^More for/ })
    .count(), 0);
  assert.equal(await v.button('Save details').count(), 0);
  // Chosen with others she is left out.
  await v.go('/users');
  await v.page.getByRole('checkbox', { name: 'Select Anna Weber' }).check();
  await v.press('Sign out everywhere…');
  await v.sees('Your role does not include this for those that are selected');
  await v.page.getByRole('checkbox', { name: 'Select Tilda Berg' }).check();
  await v.press('Sign out everywhere…');
  await v.dialog().getByText('All sessions of Tilda Berg end').waitFor();
  await v.dialog().getByRole('button', { name: 'Sign out everywhere' }).click();
  await v.sees('One user is signed out everywhere');
  await v.close();
  await admin.patch('/api/users/' + ben, { admin_roles: [] });
  await admin.patch('/api/users/' + anna, { admin_roles: [] });
});

test('an account is handed to the person of its name in a directory',
  async () => {
    const v = await Visit.admin(s, '/users/' + s.seeded.users['ben']);
    await v.menu('Ben Schulz', 'Link to a directory account');
    await v.sees('There is no directory and no provider yet:');
    await s.world.admin.put('/api/settings/ldap', { servers: [{ name: 'main',
      url: 'ldap://127.0.0.1:1', base_dn: 'dc=x' }] });
    await s.world.admin.put('/api/settings/oidc', { providers: [{ name: 'corp',
      issuer: 'http://127.0.0.1:1', client_id: 'c' }] });
    const from = v.dialog().getByLabel('Directory or provider');
    await from.waitFor();
    await v.accessible('linking an account');
    await from.selectOption('corp');
    const sent = v.page.waitForRequest('**/relink');
    await v.dialog().getByRole('button',
      { name: 'Link to a directory account' }).click();
    assert.deepEqual((await sent).postDataJSON(),
      { source: 'oidc', directory: 'corp' });
    await v.sees('ben is linked at the next sign-in from there');
    await v.close();
  });

test('a provider is tried, and what is wrong with it is said', async () => {
  const v = await Visit.admin(s, '/settings/sign-on');
  v.tolerant = true; // nobody listens there
  await s.world.admin.put('/api/settings/oidc', { providers: [{ name: 'corp',
    issuer: 'http://127.0.0.1:1', client_id: 'c' }] });
  await v.menu('corp', 'Try it');
  await v.sees('The identity provider does not answer.');
  await v.close();
});
