// Passkeys with Chromium's virtual authenticator, on http://localhost.
import test from 'node:test';

import type { CDPSession } from 'playwright-core';

import { stage, Visit } from './browser';
import { login, waitFor } from './stack';
import { totp } from './totp';

const s = stage({ empty: true });

// The same api by its name: passkeys are for names, not for addresses.
async function byName(path = '/'): Promise<Visit> {
  const v = await Visit.open(s);
  v.tolerant = true;
  await v.page.goto(`http://localhost:${s.world.api.port}${path}`);
  await v.page.getByRole('heading', { level: 1 }).first().waitFor();
  return v;
}

interface Authenticator {
  cdp: CDPSession;
  id: string;
}

async function plug(v: Visit): Promise<Authenticator> {
  const cdp = await v.page.context().newCDPSession(v.page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send(
    'WebAuthn.addVirtualAuthenticator', { options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true } });
  return { cdp, id: authenticatorId };
}

async function user(name: string): Promise<string> {
  const u = await s.world.admin.post<{ guid: string }>('/api/users',
    { name, password: 'correct horse' });
  return u.guid;
}

async function add(v: Visit): Promise<void> {
  await v.press('Add a passkey…');
  await v.dialog().getByLabel('Name of the passkey').fill('Laptop');
  await v.dialog().getByRole('button', { name: 'Add a passkey' }).click();
  await v.button('Rename Laptop').waitFor();
}

async function signOut(v: Visit, name: string): Promise<void> {
  await v.press('Account of ' + name);
  await v.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await v.page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

async function home(v: Visit): Promise<void> {
  await v.page.getByRole('navigation').first().waitFor();
}

test('a passkey is added, signs in, is renamed, and is refused once removed',
  async () => {
    await user('keys');
    const v = await byName('/me');
    await plug(v);
    await v.signIn('keys', 'correct horse');
    await add(v);
    await v.accessible('passkeys');
    await signOut(v, 'keys');

    await v.press('Sign in with a passkey');
    await v.button('Rename Laptop').waitFor();
    await v.press('Rename Laptop');
    await v.dialog().getByLabel('Name of the passkey').fill('Work');
    await v.dialog().getByRole('button', { name: 'Rename passkey' }).click();
    await v.press('Remove Work');
    await v.dialog().getByRole('button', { name: 'Remove passkey' }).click();
    await v.button('Remove Work').waitFor({ state: 'detached' });
    await signOut(v, 'keys');
    await v.press('Sign in with a passkey');
    await v.sees('The passkey was refused.');
    await v.close();
  });

test('a passkey does where an account asks for a code, and as a fresh proof',
  async () => {
    const guid = await user('second');
    const v = await byName('/me');
    await plug(v);
    await v.signIn('second', 'correct horse');
    await add(v);
    const self = await login(s.world.api.base, 'second', 'correct horse');
    const { secret } = await self.post<{ secret: string }>(
      '/api/tfa/totp/setup');
    await self.post('/api/tfa/totp/confirm', { code: totp(secret) });
    await signOut(v, 'second');
    await v.field('Name').fill('second');
    await v.field('Password').fill('correct horse');
    await v.press('Sign in');
    await v.field('Code').waitFor();
    await v.press('Use a passkey instead');
    await v.button('Remove Laptop').waitFor();

    // Long ago he proved who he is.
    await s.world.redis.do('EVAL', `
      for _, h in ipairs(redis.call('SMEMBERS', KEYS[1])) do
        redis.call('HSET', 'token:' .. h, 'created', '1', 'proved', '1')
      end
      return 1`, '1', 'api:user:sessions:' + guid);
    await v.press('Remove Laptop');
    await v.dialog().getByRole('button', { name: 'Remove passkey' }).click();
    await v.press('Use a passkey instead');
    await v.button('Remove Laptop').waitFor({ state: 'detached' });
    await v.close();
  });

test('a copy of a passkey is refused and raises an alarm', async () => {
  await user('twin');
  const v = await byName('/me');
  const a = await plug(v);
  await v.signIn('twin', 'correct horse');
  await add(v);
  const copy = (await a.cdp.send('WebAuthn.getCredentials',
    { authenticatorId: a.id })).credentials[0]!;
  await signOut(v, 'twin');
  await v.press('Sign in with a passkey');
  await home(v);
  await signOut(v, 'twin');

  await a.cdp.send('WebAuthn.removeVirtualAuthenticator',
    { authenticatorId: a.id });
  const b = await plug(v);
  await b.cdp.send('WebAuthn.addCredential',
    { authenticatorId: b.id, credential: { ...copy, signCount: 0 } });
  await v.press('Sign in with a passkey');
  await v.sees('The passkey was refused.');
  await waitFor('the alarm', async () => {
    const rows = await s.world.admin.get<{ data: { typ: number }[] }>(
      '/api/audits/alarm?pageSize=50');
    return rows.data.some((r) => r.typ === 100);
  });
  await v.close();
});

test('where passkeys cannot work they are not offered', async () => {
  const v = await Visit.admin(s, '/me');
  await v.sees('This address or browser has no passkeys');
  await v.close();
});
