// Getting in and out.
import test from 'node:test';

import { stage, Visit } from './browser';
import { totp } from './totp';
import { login } from './stack';

const s = stage({ empty: true });

async function user(name: string): Promise<string> {
  const u = await s.world.admin.post<{ guid: string }>('/api/users',
    { name, password: 'correct horse' });
  return u.guid;
}

test('a wrong password is said at once and the right one gets in', async () => {
  const v = await Visit.open(s, {}, '/strategies');
  await v.accessible('sign in');
  await v.field('Name').fill('admin');
  await v.field('Password').fill('wrong');
  await v.press('Sign in');
  await v.sees('Name or password is wrong.');
  await v.field('Password').fill(s.world.api.password);
  await v.press('Sign in');
  // The address that was asked for is where one is afterwards.
  await v.page.getByRole('heading', { name: 'Strategies', level: 1 }).waitFor();
  await v.press('Account of admin');
  await v.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await v.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await v.close();
});

test('an empty name or password is asked for at its field', async () => {
  const v = await Visit.open(s);
  await v.press('Sign in');
  await v.page.getByText('Fill this in').nth(1).waitFor();
  await v.accessible('errors');
  await v.close();
});

test('codes are set up by hand, asked for at sign-in, and switched off',
  async () => {
    await user('totp');
    const v = await Visit.open(s, {}, '/me');
    await v.signIn('totp', 'correct horse');
    await v.press('Set up');
    await v.page.getByRole('img', { name: /QR code/ }).waitFor();
    const key = await v.dialog().getByText(/^([A-Z2-7]{4} ?){8}$/).innerText();
    await v.accessible('set-up of codes');
    await v.field('Code of the app').fill(totp(key, Date.now() - 30_000));
    await v.press('Switch on');
    await v.sees('Two-factor sign-in is on');
    const recovery = await v.dialog().getByRole('listitem').first().innerText();
    await v.press('I have kept them');
    await v.press('Account of totp');
    await v.page.getByRole('menuitem', { name: 'Sign out' }).click();

    await v.field('Name').fill('totp');
    await v.field('Password').fill('correct horse');
    await v.press('Sign in');
    await v.field('Code').fill('000000');
    await v.press('Sign in');
    await v.sees('The code is wrong or has expired.');
    await v.field('Code').fill(recovery);
    await v.press('Sign in');
    await v.page.getByRole('heading', { name: 'My account' }).waitFor();

    await v.press('Switch off…');
    await v.field('Code of the app').fill(totp(key));
    await v.dialog().getByRole('button', { name: 'Switch off' }).click();
    await v.page.getByRole('button', { name: 'Set up' }).waitFor();
    await v.close();
  });

test('who must have a second factor sets it up before getting in', async () => {
  const guid = await user('must');
  await s.world.admin.put('/api/users/tfa/totp/enforce',
    { user_guids: [guid], enforce: true });
  const v = await Visit.open(s);
  await v.field('Name').fill('must');
  await v.field('Password').fill('correct horse');
  await v.press('Sign in');
  await v.sees('Your administrator requires it before you can sign in.');
  const key = await v.page.getByText(/^([A-Z2-7]{4} ?){8}$/).innerText();
  await v.field('Code of the app').fill(totp(key, Date.now() - 30_000));
  await v.press('Switch on');
  await v.press('I have kept them');
  await v.field('Code').fill(totp(key));
  await v.press('Sign in');
  await v.page.getByRole('navigation').first().waitFor();
  await v.close();
});

test('the own password is changed and the old one is no longer taken',
  async () => {
    await user('changer');
    const v = await Visit.open(s, {}, '/me');
    await v.signIn('changer', 'correct horse');
    v.tolerant = true;
    await v.field('Present password').fill('correct horse');
    await v.field('New password').fill('battery staple');
    await v.field('New password again').fill('battery stable');
    await v.press('Change password');
    await v.sees('The two are not the same');
    await v.field('New password again').fill('battery staple');
    await v.press('Change password');
    await v.sees('Password changed');
    await login(s.world.api.base, 'changer', 'battery staple');
    await v.close();
  });

test('own sessions are listed, ended one by one, and all at once', async () => {
  await user('roamer');
  await login(s.world.api.base, 'roamer', 'correct horse');
  const v = await Visit.open(s, {}, '/me');
  await v.signIn('roamer', 'correct horse');
  await v.sees('This browser');
  await v.page.getByRole('listitem').getByRole('button',
    { name: 'Sign out' }).first().click();
  await v.sees('Signed out there');
  v.tolerant = true;
  await v.press('Sign out everywhere…');
  await v.dialog().getByRole('button', { name: 'Sign out everywhere' }).click();
  await v.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await v.close();
});

test('language, theme and row height are kept', async () => {
  const v = await Visit.admin(s, '/me');
  await v.page.getByRole('radio', { name: 'Deutsch' }).check();
  await v.page.getByRole('heading', { name: 'Mein Konto' }).waitFor();
  await v.page.getByRole('radio', { name: 'Dunkel' }).check();
  await v.page.reload();
  await v.page.getByRole('heading', { name: 'Mein Konto' }).waitFor();
  await v.page.locator(':root[data-theme=dark][lang=de]').waitFor();
  await v.close();
});
