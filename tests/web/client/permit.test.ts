// A guest's session that is not given a token: later, or never.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { guest } from '../../../services/web/client/guest';
import type { FromWorker, Start, ToWorker }
  from '../../../services/web/client/messages';
import { Remote, shared } from '../../../services/web/client/remote';
import { unpermitted } from '../../../services/web/client/server';
import { Link } from '../../../services/web/client/worker/link';
import { outcome } from '../../../services/web/protocol/outcome';
import { ApiError } from '../../../services/web/ui/http';
import { until } from './until';

const before = { fetch: globalThis.fetch, setInterval };
const { now } = Date;
afterEach(() => {
  guest.value = undefined;
  Object.assign(globalThis, before);
  Date.now = now;
});

const failure = (status: number, retryAfter: number, reason = '') =>
  new ApiError(status, 'no', 'POST', '/api/web/guest/ticket', '', retryAfter,
    reason);

test('only the word of the server ends a session', () => {
  const means = (e: unknown) => {
    const { outcome: o, wait } = unpermitted(e);
    return [o.again, wait];
  };
  assert.deepEqual(means(failure(0, 5)), ['auto', 5000]);
  assert.deepEqual(means(failure(429, 30, 'too_frequent')), ['auto', 30_000]);
  assert.deepEqual(means(failure(500, 0)), ['auto', 2000]);
  assert.deepEqual(means(failure(502, NaN)), ['auto', 2000], 'a date');
  assert.deepEqual(means(failure(403, 0, 'used')), ['never', 0]);
  assert.deepEqual(means(failure(404, 9)), ['never', 0]);
  assert.deepEqual(means(new TypeError('x')), ['never', 0]);
});

// What the page's worker hears, and its word to the page.
class Pretended {
  static last: Pretended;
  readonly heard: ToWorker[] = [];
  onmessage: (e: { data: FromWorker }) => void = () => undefined;

  constructor() {
    Pretended.last = this;
  }

  postMessage(m: ToWorker): void {
    this.heard.push(m);
  }

  get refused(): Extract<ToWorker, { do: 'no-token' }>[] {
    return this.heard.filter((m) => m.do === 'no-token');
  }
}

test('a guest\'s page asks for another token whenever the worker does, until '
  + 'it is refused', async () => {
  Object.assign(globalThis, {
    Worker: Pretended, location: { origin: 'https://rd.example.com' },
    document: { documentElement: { dataset: { worker: 'w.js' } },
      baseURI: 'https://rd.example.com/web/' },
  });
  guest.value = { is: 'open', of: { pass: 'p', user_name: 'Ann', uses_left: 1,
    expires_at: 1, permissions: {},
    devices: [{ id: '123456789', name: 'Till', online: true }] } };
  const answer = (status: number, body: object) => async () =>
    new Response(JSON.stringify(body), { status });
  const remote = new Remote(shared('123456789'), 'desktop');
  const worker = Pretended.last;
  await until('the start', () => worker.heard.length > 0);
  const ask = () => worker.onmessage({ data: { say: 'token-please' } });

  globalThis.fetch = () => Promise.reject(new TypeError('no network'));
  ask();
  await until('one that passes', () => worker.refused.length === 1);
  assert.equal(worker.refused[0]!.outcome.again, 'auto');
  assert.equal(remote.phase.value.phase, 'connecting');

  // The answer to an attempt that was given up says nothing about the next.
  const late: (() => void)[] = [];
  globalThis.fetch = () => new Promise((done) => {
    late.push(() => done(new Response('{}', { status: 502 })));
  });
  ask();
  ask();
  late.forEach((free) => free());
  await until('the newer one passes', () => worker.refused.length > 1);

  globalThis.fetch = answer(200, { token: 'good' });
  ask();
  await until('a token', () => worker.heard.at(-1)?.do === 'token');
  assert.equal(worker.refused.length, 2);

  globalThis.fetch = answer(403, { error: 'x', reason: 'used' });
  // Beyond the minute in which connections share a token.
  Date.now = () => now() + 60_000;
  ask();
  await until('a refusal', () => worker.refused.length === 3);
  assert.equal(worker.refused[2]!.outcome.again, 'never');
});

test('an attempt without a token is made again after the wait, and for good '
  + 'ends the session', async () => {
  let tick: () => void = () => undefined;
  Object.assign(globalThis,
    { setInterval: (f: () => void) => { tick = f; } });
  Date.now = () => 1000;
  const said: FromWorker[] = [];
  let asked = 0;
  const lost: boolean[] = [];
  const start: Start = { id: '123456789', scope: 'desktop', sessionId: 1n,
    serverKey: '', idUrl: '', relayUrl: '', myId: 'web-1', myName: 'x',
    password: undefined, hash: undefined, hwid: undefined, serviceId: '' };
  const link = new Link(start, {
    say: (m) => { said.push(m); }, option: async () => ({}),
    token: () => { asked += 1; return new Promise(() => undefined); },
    ready: () => undefined, message: () => undefined,
    lost: (forGood) => { lost.push(forGood); },
  });
  assert.equal(asked, 1);
  const why = outcome('refused', 'auto', 'later');
  link.noToken(why, 7000);
  assert.deepEqual(said.at(-1),
    { say: 'waiting', outcome: why, until: 8000, attempt: 1 });
  Date.now = () => 7999;
  tick();
  assert.equal(asked, 1);
  Date.now = () => 8000;
  tick();
  assert.equal(asked, 2);
  const never = outcome('refused', 'never', 'used up');
  link.noToken(never, 0);
  assert.deepEqual(said.at(-1), { say: 'ended', outcome: never });
  assert.deepEqual(lost, [false, true]);
  Date.now = () => 900_000;
  tick();
  assert.equal(asked, 2);
});
