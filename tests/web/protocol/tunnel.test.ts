import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Channels, WINDOW } from '../../../services/web/protocol/channels.js';
import { Jar } from '../../../services/web/protocol/cookies.js';
import { encodeRequest, HttpError, MAX_BODY, Reader }
  from '../../../services/web/protocol/http.js';
import type { Request, Response } from '../../../services/web/protocol/http.js';
import { scoped } from '../../../services/web/protocol/login.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { originOf, pathOf, readTarget, redirect }
  from '../../../services/web/protocol/service.js';
import { hex } from './hex.js';

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (b: Uint8Array) => String.fromCharCode(...b);

// --- channels ---------------------------------------------------------------

const from = (portForwardChannel: Outgoing['portForwardChannel']) =>
  decodeMessage(encodeMessage({ portForwardChannel })).portForwardChannel!;
const sent = (out: readonly Outgoing[]) => out.reduce((n, m) =>
  n + (m.portForwardChannel?.data?.data?.length ?? 0), 0);

test('a channel is opened by name and carries its first bytes at once', () => {
  const { send } = new Channels('nas', 8080).begin(bytes('hi'));
  assert.deepEqual(send.map((m) => hex(encodeMessage(m))), [
    '8a02100a0e080112036e617318903f20808010', '8a02081a06080112026869',
  ]);
  assert.ok(send.every((m) => scoped('tunnel', m) === m));
  assert.ok(!scoped('tunnel', { fileAction: {} }));
});

test('no more is sent than the device has room for', () => {
  const c = new Channels('h', 80);
  const { id, send } = c.begin(new Uint8Array(1 << 20));
  assert.equal(sent(send), 64 << 10);
  const opened = c.received(from({ opened: {
    channelId: id, success: true, credit: WINDOW } }));
  assert.equal(sent(opened.send), 192 << 10);
  const more = c.received(from({ windowUpdate: { channelId: id, add: 100 } }));
  assert.equal(sent(more.send), 100);
  const little = c.received(from({ windowUpdate: { channelId: id, add: 63 } }));
  assert.equal(sent(little.send), 0);
  const flood = c.received(from({ windowUpdate: {
    channelId: id, add: 2 ** 32 - 1 } }));
  assert.equal(sent(flood.send), WINDOW);
});

test('the device hears what was read, and one that overruns is cut', () => {
  const c = new Channels('h', 80);
  const { id } = c.begin(bytes('x'));
  const data = new Uint8Array(64 << 10);
  const push = (d: Uint8Array) =>
    c.received(from({ data: { channelId: id, data: d } }));
  assert.equal(push(data).send.length, 0);
  assert.equal(push(data).send[0]?.portForwardChannel?.windowUpdate?.add,
    128 << 10);
  const over = push(new Uint8Array(WINDOW + 1));
  assert.equal(over.event?.event, 'closed');
  assert.ok(over.send[0]?.portForwardChannel?.close);
  assert.equal(c.size, 0);
});

test('refusals and ends are told once', () => {
  const c = new Channels('h', 80);
  const { id } = c.begin(bytes('x'));
  const refused = { opened: { channelId: id, message: 'no'.repeat(900) } };
  const e = c.received(from(refused)).event;
  assert.ok(e?.event === 'failed' && e.text.length === 500);
  assert.deepEqual(c.received(from(refused)), { send: [] });
  const other = c.begin(bytes('x')).id;
  const closed = from({ close: { channelId: other } });
  assert.equal(c.received(closed).event?.event, 'closed');
  assert.equal(c.received(closed).event, undefined);
  assert.deepEqual(c.close(other), []);
});

test('whatever a device says about channels, the windows hold', () => {
  const frame = fc.record({ kind: fc.constantFrom('opened', 'data', 'close',
    'windowUpdate', 'open'), channelId: fc.integer({ min: -1, max: 3 }),
  n: fc.nat(2 ** 32 - 1), size: fc.nat(WINDOW), ok: fc.boolean() });
  fc.assert(fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
    const c = new Channels('h', 80);
    c.begin(new Uint8Array(1 << 20));
    c.begin(new Uint8Array(100));
    for (const { kind, channelId, n, size, ok } of frames) {
      const m = { channelId, success: ok, credit: n, add: n,
        data: new Uint8Array(size) };
      const { send } = c.received(from({ [kind]: m }));
      assert.ok(sent(send) <= WINDOW);
      assert.ok(send.every((s) =>
        (s.portForwardChannel?.data?.data?.length ?? 0) <= 64 << 10));
    }
    assert.ok(c.size <= 2);
  }), { numRuns: 100 });
});

// --- HTTP -------------------------------------------------------------------

const ask: Request = {
  method: 'GET', path: '/a?b', headers: [['Accept', '*/*'],
    ['Host', 'elsewhere'], ['X-Bad', 'a\r\nHost: b'], ['Cookie', 'c=1']],
  body: undefined,
};
const fault = (run: () => unknown): string => {
  try {
    run();
  } catch (e) {
    return e instanceof HttpError ? e.fault : String(e);
  }
  return '';
};

test('a request says its own host, and no header ends early', () => {
  assert.equal(text(encodeRequest('nas:81', ask, 'k=v')),
    'GET /a?b HTTP/1.1\r\nHost: nas:81\r\nConnection: close\r\n'
    + 'Referer: http://nas:81/\r\nAccept-Encoding: gzip, deflate\r\n'
    + 'Accept: */*\r\nCookie: k=v\r\n\r\n');
  assert.match(text(encodeRequest('h', { ...ask, method: 'POST',
    body: bytes('ab') }, '')), /Origin: http:\/\/h\r\n.*Content-Length: 2\r\n\r\nab$/s);
  for (const bad of [{ path: 'a' }, { path: '/a b' }, { path: '/\r\nx' },
    { method: 'CONNECT' }, { body: new Uint8Array((16 << 20) + 1) }])
    assert.equal(fault(() => encodeRequest('h', { ...ask, ...bad }, '')),
      'bad-request');
});

const OK = 'HTTP/1.1 200 OK\r\n';
const BODIES: readonly [string, string][] = [
  ['Content-Length: 5\r\n\r\nhello', 'hello'],
  ['Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n',
    'hello'],
  ['Content-Length: 0\r\n\r\n', ''],
];

for (const [rest, body] of BODIES)
  test(`a response is the same in any pieces: ${JSON.stringify(rest)}`, () => {
    const all = bytes('HTTP/1.1 100 Continue\r\n\r\n' + OK + rest);
    fc.assert(fc.property(fc.array(fc.nat(all.length)), (cuts) => {
      const r = new Reader('GET');
      let whole: Response | undefined;
      const at = [0, ...cuts.sort((a, b) => a - b), all.length];
      for (let i = 1; i < at.length; i++)
        whole ??= r.push(all.subarray(at[i - 1], at[i]));
      assert.equal(whole?.status, 200);
      assert.equal(text(whole!.body), body);
    }), { numRuns: 50 });
  });

test('a response without a length ends with its channel', () => {
  const r = new Reader('GET');
  assert.equal(r.push(bytes('HTTP/1.0 200\nA: 1\n\nhel')), undefined);
  assert.equal(r.push(bytes('lo')), undefined);
  assert.equal(text(r.end().body), 'hello');
  const head = new Reader('HEAD').push(bytes(OK + 'Content-Length: 9\r\n\r\n'));
  assert.equal(head?.body.length, 0);
});

const FAULTS: readonly [string, string][] = [
  ['\u0015\u0003\u0001', 'not-http'], ['SSH-2.0-x\r\n', 'not-http'],
  ['HTTP/2 200\r\n\r\n', 'malformed'],
  [OK + 'no colon\r\n\r\n', 'malformed'],
  [OK + ' folded: x\r\n\r\n', 'malformed'],
  [OK + 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n', 'malformed'],
  [OK + 'Content-Length: -1\r\n\r\n', 'malformed'],
  [OK + `Content-Length: ${MAX_BODY + 1}\r\n\r\n`, 'too-large'],
  [OK + 'Transfer-Encoding: gzip, chunked\r\n\r\n', 'malformed'],
  [OK + 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n', 'malformed'],
  [OK + 'Transfer-Encoding: chunked\r\n\r\nffffffff\r\n', 'too-large'],
  [OK + 'Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n', 'malformed'],
  [OK + 'X: ' + 'a'.repeat(70_000), 'too-large'],
  [OK + 'X: 1\r\n'.repeat(201) + '\r\n', 'malformed'],
  ['HTTP/1.1 101 Switching\r\n\r\n', 'malformed'],
];

for (const [given, why] of FAULTS)
  test(`refused as ${why}: ${JSON.stringify(given.slice(0, 60))}`, () => {
    assert.equal(fault(() => new Reader('GET').push(bytes(given))), why);
  });

test('a response that ends early is not taken for whole', () => {
  const r = new Reader('GET');
  r.push(bytes(OK + 'Content-Length: 5\r\n\r\nhell'));
  assert.equal(fault(() => r.end()), 'cut');
});

test('whatever a service sends is a response, a wait or a fault', () => {
  const part = fc.oneof(fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom(OK, '\r\n', '\r\n\r\n', 'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n', '0\r\n').map(bytes));
  fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
    const r = new Reader('GET');
    assert.doesNotMatch(fault(() => {
      for (const p of parts)
        r.push(p);
      r.end();
    }), /Error/);
  }), { numRuns: 300 });
});

// --- where it leads ---------------------------------------------------------

test('a target is a name and a port; https is said to be impossible', () => {
  assert.deepEqual(readTarget(' http://nas.lan/ ', '8080'),
    { host: 'nas.lan', port: 8080 });
  assert.deepEqual(readTarget('[fe80::1]', '80'), { host: 'fe80::1', port: 80 });
  for (const [host, port, why] of [['https://nas', '443', 'https'],
    ['a b', '80', 'host'], ['nas/x', '80', 'host'], ['', '80', 'host'],
    ['a@b', '80', 'host'], ['nas', '0', 'port'], ['nas', '65536', 'port'],
    ['nas', '8o', 'port']] as const)
    assert.equal(readTarget(host, port), why, host);
  assert.equal(originOf({ host: 'fe80::1', port: 81 }), 'http://[fe80::1]:81');
});

test('nothing leads out of the service', () => {
  const base = 'http://nas:81/a/b';
  assert.equal(pathOf('c?d#e', base), '/a/c?d');
  for (const out of ['https://nas:81/', 'http://nas/', '//evil/', 'http://x',
    'javascript:alert(1)', 'data:,x', 'http://nas:81@evil/', 'http://['])
    assert.equal(pathOf(out, base), undefined, out);
});

test('redirects are followed within the service, and not for ever', () => {
  const post: Request = { ...ask, method: 'POST', body: bytes('x'),
    headers: [['Content-Type', 'a/b'], ['Accept', '*/*']] };
  const to = (status: number, location: string): Response =>
    ({ status, reason: '', headers: [['location', location]],
      body: new Uint8Array(0) });
  const next = redirect('http://nas', post, to(302, '../z'), 0);
  assert.deepEqual([next?.method, next?.path, next?.body, next?.headers],
    ['GET', '/z', undefined, [['Accept', '*/*']]]);
  assert.equal(redirect('http://nas', post, to(307, '/z'), 0)?.method, 'POST');
  assert.equal(redirect('http://nas', post, to(200, '/z'), 0), undefined);
  assert.equal(fault(() => redirect('http://nas', post,
    to(302, 'http://evil/'), 0)), 'leads-out');
  assert.equal(fault(() => redirect('http://nas', post, to(302, '/'), 10)),
    'redirects');
});

// --- cookies ----------------------------------------------------------------

test('cookies go where they belong, and those of the server alone are hidden',
  () => {
    const jar = new Jar();
    jar.set('a=1; HttpOnly', '/x/y', 0);
    jar.set('b=2; Path=/; Max-Age=10', '/x/y', 0);
    assert.equal(jar.get('/x/z', 0), 'a=1; b=2');
    assert.equal(jar.get('/xz', 0), 'b=2');
    assert.equal(jar.get('/x/z', 0, true), 'b=2');
    assert.equal(jar.get('/', 10_000), '');
    jar.set('a=evil', '/x/y', 0, true);
    jar.set('c=3; HttpOnly', '/x/y', 0, true);
    assert.equal(jar.get('/x/z', 0), 'a=1; b=2');
    jar.set('a=; Max-Age=0', '/x/y', 0);
    assert.equal(jar.get('/x/z', 0), 'b=2');
  });

test('whatever is set as a cookie, none breaks a header or grows the jar',
  () => {
    const line = fc.oneof(fc.string({ unit: 'binary' }),
      fc.string().map((s) => `a=${s}\r\nb`), fc.nat(99).map((n) => `c${n}=1`));
    fc.assert(fc.property(fc.array(line, { maxLength: 120 }), (lines) => {
      const jar = new Jar();
      for (const l of lines)
        jar.set(l, '/', 0);
      const all = jar.get('/', 0);
      assert.match(all, /^[\u0020-\u007e]*$/);
      assert.ok(all.split('; ').length <= 50);
    }), { numRuns: 100 });
  });
