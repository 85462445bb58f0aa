import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cipher } from '../../../services/web/protocol/cipher.js';
import { chat as sayChat } from '../../../services/web/protocol/controls.js';
import { readFolder } from '../../../services/web/protocol/files.js';
import { loginAnswer, closeReason }
  from '../../../services/web/protocol/outcome.js';
import { Session } from '../../../services/web/protocol/session.js';
import type { Config, SessionAction }
  from '../../../services/web/protocol/session.js';
import { proof, passwordHash } from '../../../services/web/protocol/cipher.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { fill, hex, unhex } from './hex.js';
import { VECTOR } from './vectors.js';

const DEVICE = unhex(
  '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8');
const SECRETS = { ephemeral: fill(0x33), key: fill(0x44) };
const CONFIG: Config = {
  id: '123456789', scope: 'desktop', myId: 'web-1', myName: 'Ada',
  sessionId: 1n, option: {},
};
const chat = sayChat('hello');
const listing = readFolder('/home', false);
const HASH = { salt: 'a3f9k2', challenge: 'x7tq4m' };

// A session past the key exchange, and the device's end of it.
class Pair {
  readonly session: Session;
  private readonly device = new Cipher(fill(0x44), fill(0x44));
  readonly sent: ReturnType<typeof decodeMessage>[] = [];
  readonly events: SessionAction[] = [];
  now = 1000;

  constructor(config: Partial<Config> = {}) {
    this.session = new Session({ ...CONFIG, ...config }, DEVICE, SECRETS,
      this.now);
    const first = this.session.receive(unhex(VECTOR.hello0), this.now);
    assert.deepEqual(first.map((a) => a.do), ['send', 'secured']);
  }

  take(actions: SessionAction[]): this {
    for (const a of actions)
      if (a.do === 'send')
        this.sent.push(decodeMessage(this.device.open(a.bytes)));
      else
        this.events.push(a);
    return this;
  }

  say(m: Outgoing): this {
    const record = this.device.seal(encodeMessage(m));
    return this.take(this.session.receive(record, this.now));
  }

  tick(later: number): this {
    this.now += later;
    return this.take(this.session.tick(this.now));
  }

  last(): SessionAction | undefined {
    return this.events.at(-1);
  }
}

const PEER = {
  platform: 'Linux', version: '1.4.9',
  displays: [{ width: 640, height: 480 }],
};

const loggedIn = (config: Partial<Config> = {}) => new Pair(config)
  .say({ hash: HASH }).say({ loginResponse: { peerInfo: PEER } });

test('the password is proved, and the id dialled is the user name', () => {
  const p = new Pair({ password: 'Secret-1' }).say({ hash: HASH });
  const login = p.sent[0]?.loginRequest;
  assert.equal(hex(login!.password), VECTOR.proof);
  assert.equal(login!.username, CONFIG.id);
  assert.equal(p.session.alive, false, 'what is posted is not sent yet');
  p.say({ loginResponse: { peerInfo: PEER } });
  assert.equal(p.session.alive, true);
  assert.equal(p.last()?.do, 'ready');
  assert.equal(hex(p.session.knownHash!), VECTOR.h1);
});

test('without a password the user is asked, whatever the device says', () => {
  const p = new Pair().say({ hash: HASH });
  assert.equal(p.sent[0]?.loginRequest?.password.length, 0);
  const asked: SessionAction = { do: 'question',
    question: { ask: 'password', wrong: false } };
  assert.deepEqual(p.last(), asked);
  p.say({ loginResponse: { error: 'Empty Password' } });
  assert.deepEqual(p.last(), asked);
  const q = new Pair().say({ hash: HASH });
  q.say({ loginResponse: { error: 'No Password Access' } });
  assert.deepEqual(q.last(), { do: 'question', question: { ask: 'accept' } });
  p.take(p.session.password('wrong'));
  p.say({ loginResponse: { error: 'Wrong Password' } });
  assert.deepEqual(p.last(),
    { do: 'question', question: { ask: 'password', wrong: true } });
  p.take(p.session.password('Secret-1'));
  assert.equal(hex(p.sent[2]!.loginRequest!.password), VECTOR.proof);
  p.say({ loginResponse: { peerInfo: PEER } });
  assert.equal(p.last()?.do, 'ready');
});

test('the second factor, with a browser that wants to be trusted', () => {
  const p = new Pair({ password: 'x' }).say({ hash: HASH });
  p.say({ loginResponse: { error: '2FA Required',
    enableTrustedDevices: true } });
  assert.deepEqual(p.last(), { do: 'question',
    question: { ask: 'code', wrong: false, trustable: true } });
  p.take(p.session.code('000000'));
  p.say({ loginResponse: { error: 'Wrong 2FA Code' } });
  p.take(p.session.code('123456', fill(9)));
  assert.equal(p.sent[2]?.auth2fa?.code, '123456');
  assert.equal(p.sent[2]?.auth2fa?.hwid.length, 32);
});

test('a minute of waiting, then the password again', () => {
  const p = new Pair({ password: 'x' }).say({ hash: HASH });
  p.say({ loginResponse: { error: 'Please try 1 minute later' } });
  const q = p.last();
  assert.ok(q?.do === 'question' && q.question.ask === 'minute');
  for (let i = 0; i < 5; i++)
    p.say({ testDelay: { time: 1n } }).tick(12_000);
  assert.deepEqual(p.last(),
    { do: 'question', question: { ask: 'password', wrong: false } });
});

test('Windows streams after a session is chosen; a single one is', () => {
  const sessions = [{ sid: 1, name: 'Ada' }, { sid: 2, name: 'Bob' }];
  const p = new Pair().say({ hash: HASH });
  p.say({ loginResponse: { peerInfo: {
    ...PEER, windowsSessions: { sessions, currentSid: 1 },
  } } });
  assert.equal(p.last()?.do, 'question');
  p.take(p.session.windowsSession(2));
  assert.equal(p.sent[1]?.misc?.selectedSid, 2);
  assert.equal(p.last()?.do, 'ready');
  const q = new Pair().say({ hash: HASH });
  q.say({ loginResponse: { peerInfo: {
    ...PEER, windowsSessions: { sessions: sessions.slice(0, 1) },
  } } });
  assert.equal(q.sent[1]?.misc?.selectedSid, 1);
});

test('every text of the device that refuses has its sentence', () => {
  const ends = [
    'Offline', 'Connection not allowed', 'Your ip is blocked by the peer',
    'Your ID is blocked by the peer', 'The main window is not open',
    'Someone turns on privacy mode, exit', 'Too many wrong attempts',
    'Too many wrong attempts for IPv6 prefix /64',
    'No permission of file transfer', 'No permission of viewing camera',
    'No permission of terminal', 'No permission of IP tunneling',
    'Supported only in the installed version.',
    'No active console user logged on, please connect and logon first.',
    'Failed to access remote 10.0.0.1:80. Please make sure it is '
      + 'reachable/open.',
  ];
  for (const text of ends) {
    const answer = loginAnswer(text);
    assert.ok(answer.kind === 'end' && answer.outcome.key !== 'device-says',
      text);
    const p = new Pair({ password: 'x' }).say({ hash: HASH });
    p.say({ loginResponse: { error: text } });
    assert.deepEqual(p.events.slice(-2).map((a) => a.do), ['close', 'ended']);
    assert.deepEqual(p.tick(100).session.receive(unhex('00'), 1), []);
  }
  for (const text of ['Wayland login screen is not supported',
    'Unsupported display server type "", x11 or wayland expected',
    'xdp-portal-unavailable'])
    assert.equal(loginAnswer(text).kind, 'warn', text);
  const other = loginAnswer('Terminal service user mismatch detected.');
  assert.ok(other.kind === 'end' && other.outcome.key === 'device-says'
    && other.outcome.text?.startsWith('Terminal service'));
  assert.equal(loginAnswer('constructor').kind, 'end');
});

test('a camera is told only those options that it has a use for', () => {
  const option = { customFps: 15, disableAudio: 2, followRemoteCursor: 1,
    showRemoteCursor: 2 };
  const p = loggedIn({ scope: 'camera', option });
  p.take(p.session.post({ misc: { option } }));
  for (const told of [p.sent[0]?.loginRequest?.option,
    p.sent.at(-1)?.misc?.option])
    assert.deepEqual([told?.customFps, told?.disableAudio,
      told?.followRemoteCursor, told?.showRemoteCursor], [15, 2, 0, 0]);
  const q = loggedIn({ option });
  q.take(q.session.post({ misc: { option } }));
  assert.equal(q.sent.at(-1)?.misc?.option?.showRemoteCursor, 2);
});

test('a delay of the device is echoed unchanged', () => {
  const p = loggedIn();
  p.say({ testDelay: { lastDelay: 12, targetBitrate: 1500 } });
  const echo = p.sent.at(-1)?.testDelay;
  assert.deepEqual(echo,
    { time: 0n, fromClient: false, lastDelay: 12, targetBitrate: 1500 });
});

test('the echo waits while the decoder is behind, three seconds at most', () => {
  const p = loggedIn();
  p.take(p.session.backlog(9));
  const count = p.sent.length;
  p.say({ testDelay: { time: 7n } });
  assert.equal(p.sent.length, count);
  p.take(p.session.backlog(2));
  assert.equal(p.sent.at(-1)?.testDelay?.time, 7n);
  p.take(p.session.backlog(9));
  p.say({ testDelay: { time: 8n } });
  p.tick(3000);
  assert.ok(p.sent.some((m) => m.testDelay?.time === 8n));
});

test('our own clock comes back as a round trip', () => {
  const p = loggedIn().tick(2000);
  const ping = p.sent.at(-1)!.testDelay!;
  assert.equal(ping.fromClient, true);
  p.now += 40;
  p.say({ testDelay: ping });
  assert.deepEqual(p.last(),
    { do: 'delay', roundTrip: 40, sent: Number(ping.time) });
});

test('a mark comes back when the device has read what was sent before it',
  () => {
    const p = loggedIn().tick(2000);
    const earlier = p.sent.at(-1)!.testDelay!;
    const { sent, actions } = p.session.mark(p.now);
    p.take(actions);
    const mark = p.sent.at(-1)!.testDelay!;
    assert.equal(Number(mark.time), sent);
    p.say({ testDelay: earlier });
    assert.ok(Number(earlier.time) < sent, 'another than the ping before');
    p.say({ testDelay: mark });
    assert.deepEqual(p.last(), { do: 'delay', roundTrip: 0, sent });
    p.say({ testDelay: { time: BigInt(sent + 1), fromClient: true } });
    assert.deepEqual(p.last(), { do: 'delay', roundTrip: 0, sent },
      'a mark that was never made is none');
  });

test('silence ends the session and asks for a new attempt', () => {
  const p = loggedIn().tick(29_000);
  assert.equal(p.events.some((e) => e.do === 'ended'), false);
  p.tick(1000);
  assert.deepEqual(p.last(),
    { do: 'ended', outcome: { key: 'silent', again: 'auto' } });
});

test('a record that does not open is fatal', () => {
  const p = loggedIn();
  p.take(p.session.receive(new Uint8Array(40), p.now));
  assert.deepEqual(p.last(),
    { do: 'ended', outcome: { key: 'disturbed', again: 'auto' } });
});

test('a first message that is no identity ends everything unsent', () => {
  const s = new Session(CONFIG, DEVICE, SECRETS, 0);
  const actions = s.receive(encodeMessage({ hash: HASH }), 1);
  assert.deepEqual(actions.map((a) => a.do), ['close', 'ended']);
});

test('what is outside the scope is never sent', () => {
  const files = loggedIn({ scope: 'files' });
  const count = files.sent.length;
  files.take(files.session.post(chat));
  files.take(files.session.post({ mouseEvent: { mask: 9 } }));
  assert.equal(files.sent.length, count);
  files.take(files.session.post(listing));
  assert.equal(files.sent.length, count + 1);
  const desktop = loggedIn();
  const before = desktop.sent.length;
  desktop.take(desktop.session.post(listing));
  assert.equal(desktop.sent.length, before);
});

test('permissions change at any time', () => {
  const p = loggedIn();
  p.say({ misc: { permissionInfo: { permission: 0, enabled: false } } });
  const e = p.last();
  assert.ok(e?.do === 'permissions' && !e.permissions.keyboard
    && e.permissions.clipboard);
});

test('a reason to close is told, and nothing is tried again', () => {
  const p = loggedIn().say({ misc: { closeReason: '' } });
  assert.deepEqual(p.last(),
    { do: 'ended', outcome: { key: 'ended-there', again: 'ask' } });
  assert.equal(closeReason('Closed manually by web console').key,
    'ended-there');
  assert.equal(closeReason('Connection failed due to inactivity').key,
    'inactive');
});

test('leaving says so', () => {
  const p = loggedIn();
  p.take(p.session.leave());
  assert.equal(p.sent.at(-1)?.misc?.closeReason, '');
});

test('no order of messages and answers breaks a session', () => {
  const message = fc.constantFrom<Outgoing>(
    { hash: HASH }, { loginResponse: { error: 'Wrong Password' } },
    { loginResponse: { error: '2FA Required' } },
    { loginResponse: { error: 'Please try 1 minute later' } },
    { loginResponse: { peerInfo: PEER } }, { loginResponse: {} },
    { loginResponse: { peerInfo: { windowsSessions: { sessions: [{}, {}] } } } },
    { testDelay: {} }, { misc: {} }, { peerInfo: {} },
    { misc: { permissionInfo: { permission: 99 } } }, {});
  const step = fc.oneof(
    message.map((m) => (p: Pair) => p.say(m)),
    fc.nat(5000).map((n) => (p: Pair) => p.tick(n)),
    fc.string().map((t) => (p: Pair) => p.take(p.session.password(t))),
    fc.string().map((t) => (p: Pair) => p.take(p.session.code(t))),
    fc.nat(9).map((n) => (p: Pair) => p.take(p.session.windowsSession(n))),
    fc.nat(40).map((n) => (p: Pair) => p.take(p.session.backlog(n))),
    fc.constant((p: Pair) => p.take(p.session.post(chat))));
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const p = new Pair();
    for (const s of steps)
      s(p);
    const ends = p.events.filter((e) => e.do === 'ended');
    assert.ok(ends.length <= 1);
  }), { numRuns: 200 });
});

test('a direct way that breaks is told apart, and comes back', () => {
  const session = (fingerprint?: string) => new Session(
    { ...CONFIG, ...(fingerprint !== undefined && { fingerprint }) },
    DEVICE, SECRETS, 0).closed().at(-1);
  assert.deepEqual(session('sha-256 AB'),
    { do: 'ended', outcome: { key: 'direct-lost', again: 'auto' } });
  assert.deepEqual(session(),
    { do: 'ended', outcome: { key: 'lost', again: 'auto' } });
});

test('a device that signed no certificate is not spoken to directly', () => {
  const actions = new Session({ ...CONFIG, fingerprint: 'sha-256 AB' }, DEVICE,
    SECRETS, 0).receive(unhex(VECTOR.hello0), 1);
  assert.deepEqual(actions.map((a) => a.do), ['close', 'ended']);
  const last = actions.at(-1);
  assert.equal(last?.do === 'ended' && last.outcome.key, 'identity');
});
