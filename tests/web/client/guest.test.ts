// The exchange of a guest link, against an api that is made up here.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { forgetGuest, guest, guestPermit, openGuest, passFor, takeSecret,
  withSecret } from '../../../services/web/client/guest';

interface Call { path: string; body: Record<string, string> }
type Answer = (call: Call) => unknown;

const calls: Call[] = [];
let answer: Answer;
let now = 1_780_000_000_000;
let address = '';
const before = { fetch: globalThis.fetch, now: Date.now };

const PASS = { pass: 'pass-1', user_name: 'Ann', expires_at: 1, uses_left: -1,
  devices: [{ id: '123456789', name: 'Till', online: true }], permissions: {} };
const refuse = (reason: string) => ({ error: reason, reason });

function open(hash: string): boolean {
  Object.assign(globalThis, {
    location: { hash, pathname: '/web/' },
    history: { replaceState: (_s: unknown, _t: string, to: string) => {
      address = to;
    } },
  });
  address = '/web/' + hash;
  return takeSecret();
}

beforeEach(() => {
  calls.length = 0;
  Date.now = () => now;
  globalThis.fetch = async (url, init) => {
    const call = { path: String(url),
      body: JSON.parse(String(init?.body)) as Record<string, string> };
    calls.push(call);
    const data = await answer(call);
    const bad = (data as { error?: string }).error !== undefined;
    return new Response(JSON.stringify(data), { status: bad ? 403 : 200 });
  };
  answer = ({ path }) => path.endsWith('/ticket')
    ? { token: 'token-' + calls.length } : PASS;
});
afterEach(() => {
  forgetGuest();
  Object.assign(globalThis, { fetch: before.fetch });
  Date.now = before.now;
});

test('the secret leaves the address, and an address without one is left alone',
  () => {
    assert.equal(open('#guest=secret-1'), true);
    assert.equal(address, '/web/');
    assert.deepEqual(guest.value, { is: 'asking' });
    assert.equal(open('#id=123456789'), false);
    assert.equal(address, '/web/#id=123456789');
  });

test('connections of a minute share a token, later ones get another',
  async () => {
    open('#guest=secret-1');
    await openGuest();
    const of = passFor('123456789')!;
    assert.equal(passFor('987654321'), undefined);
    const { token } = await guestPermit(of, '123456789');
    now += 49_000;
    assert.equal((await guestPermit(of, '123456789')).token, token);
    now += 2_000;
    assert.notEqual((await guestPermit(of, '123456789')).token, token);
  });

const tickets = () => calls.filter((c) => c.path.endsWith('/ticket')).length;

test('connections that begin together take one ticket', async () => {
  open('#guest=secret-1');
  await openGuest();
  const of = passFor('123456789')!;
  const [a, b] = await Promise.all([guestPermit(of, '123456789'),
    guestPermit(of, '123456789')]);
  assert.equal(a.token, b.token);
  assert.equal(tickets(), 1);
});

test('a ticket that failed is asked for again', async () => {
  open('#guest=secret-1');
  await openGuest();
  const of = passFor('123456789')!;
  const good = answer;
  answer = () => refuse('device');
  await assert.rejects(guestPermit(of, '123456789'));
  answer = good;
  assert.ok((await guestPermit(of, '123456789')).token);
});

test('a ticket is kept no longer than the server lets it live', async () => {
  answer = ({ path }) => path.endsWith('/ticket')
    ? { token: 'token-' + calls.length, expires_in: 10 } : PASS;
  open('#guest=secret-1');
  await openGuest();
  const of = passFor('123456789')!;
  const { token } = await guestPermit(of, '123456789');
  now += 9_000;
  assert.equal((await guestPermit(of, '123456789')).token, token);
  now += 2_000;
  assert.notEqual((await guestPermit(of, '123456789')).token, token);
});

test('a ticket that took long to come is not kept longer for it, and not past '
  + 'its link', async () => {
  const good = answer;
  open('#guest=secret-1');
  await openGuest();
  const of = passFor('123456789')!;
  const start = (): [Promise<{ token: string }>, () => void] => {
    let free: () => void = () => undefined;
    answer = () => new Promise((done) => {
      free = () => done({ token: 'late' });
    });
    return [guestPermit(of, '123456789'), () => free()];
  };
  const [slow, come] = start();
  now += 40_000;
  come();
  await slow;
  answer = good;
  now += 11_000;
  assert.notEqual((await guestPermit(of, '123456789')).token, 'late');
  now += 60_000;
  const [left, comes] = start();
  forgetGuest();
  comes();
  await left;
  answer = good;
  assert.notEqual((await guestPermit(of, '123456789')).token, 'late');
});

test('an address that is offered instead leads to the same link', () => {
  open('#guest=secret-1');
  assert.equal(withSecret('https://host/web/'),
    'https://host/web/#guest=secret-1');
  forgetGuest();
  assert.equal(withSecret('https://host/web/#id=1'), 'https://host/web/#id=1');
});

test('a pass that has ended is got once more, with the PIN', async () => {
  open('#guest=secret-1');
  answer = ({ body }) => body['pin'] === '2468' ? PASS
    : refuse(body['pin'] ? 'pin_wrong' : 'pin_wanted');
  await openGuest();
  assert.deepEqual(guest.value, { is: 'pin', error: '' });
  await openGuest('1111');
  assert.deepEqual(guest.value, { is: 'pin', error: 'wrong' });
  await openGuest('2468');
  answer = ({ path, body }) => !path.endsWith('/ticket')
    ? body['pin'] === '2468' ? { ...PASS, pass: 'pass-2' } : refuse('pin_wrong')
    : body['pass'] === 'pass-2' ? { token: 'fresh' } : refuse('pass');
  const permit = await guestPermit(passFor('123456789')!, '123456789');
  assert.equal(permit.token, 'fresh');
  assert.equal(passFor('123456789')?.pass, 'pass-2');
});

test('a late answer about a link does not stand for the one opened since',
  async () => {
    let free: (value: unknown) => void = () => undefined;
    answer = ({ body }) => body['secret'] === 'secret-1'
      ? new Promise((done) => { free = done; }) : refuse('expired');
    open('#guest=secret-1');
    const late = openGuest();
    open('#guest=secret-2');
    await openGuest();
    free(PASS);
    await late;
    assert.deepEqual(guest.value, { is: 'refused', why: 'expired' });
  });

test('what is refused is told apart from what failed', async () => {
  open('#guest=secret-1');
  answer = () => refuse('used');
  await openGuest();
  assert.deepEqual(guest.value, { is: 'refused', why: 'used' });
  globalThis.fetch = () => Promise.reject(new Error('no network'));
  await openGuest();
  assert.equal(guest.value?.is, 'failed');
  await assert.rejects(guestPermit(PASS, '123456789'));
});
