import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Reach } from '../../../services/web/protocol/reach.js';
import { Reconnect } from '../../../services/web/protocol/reconnect.js';
import { outcome } from '../../../services/web/protocol/outcome.js';
import {
  onlineRequest, onlineStates, RendezvousMessage,
} from '../../../services/web/protocol/rendezvous.js';
import { decode, encode } from '../../../services/web/protocol/wire.js';
import type { Init } from '../../../services/web/protocol/wire.js';
import { hex, unhex } from './hex.js';
import { VECTOR } from './vectors.js';

const SERVER = unhex(
  'd04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737');
const TARGET = {
  id: '123456789', scope: 'files', serverKey: 'KEY', token: 'T',
  version: '1.4.9',
} as const;
const PK = unhex(VECTOR.relayPk);

const say = (m: Init<typeof RendezvousMessage>) =>
  encode(RendezvousMessage, m);

function asked(): Reach {
  const r = new Reach(TARGET, SERVER);
  assert.deepEqual(r.start(0), [{ do: 'open-id' }]);
  const [first] = r.idOpened(0);
  assert.ok(first?.do === 'send-id');
  const p = decode(RendezvousMessage, first.bytes).punchHoleRequest;
  assert.deepEqual(p, {
    id: '123456789', natType: 2, licenceKey: 'KEY', connType: 1, token: 'T',
    version: '1.4.9', forceRelay: true, webrtcSdpOffer: '',
    framedTunnel: false,
  });
  return r;
}

test('the whole way to a device', () => {
  const r = asked();
  assert.deepEqual(r.idMessage(new Uint8Array(0), 1), []);
  assert.deepEqual(r.idMessage(say({
    relayResponse: { uuid: 'U', pk: PK, version: '1.4.9' },
  }), 2), [{ do: 'close-id' }, { do: 'close', way: 'direct' },
    { do: 'open-relay' }]);
  assert.deepEqual(r.idClosed(), []);
  const [join] = r.relayOpened(3);
  assert.ok(join?.do === 'send-relay');
  assert.deepEqual(decode(RendezvousMessage, join.bytes).requestRelay,
    { id: '123456789', uuid: 'U', licenceKey: 'KEY', connType: 1 });
  const arrived = r.relayMessage(4).at(-1);
  assert.ok(arrived?.do === 'arrived' && arrived.way === 'relay');
  assert.ok(hex(arrived.key).startsWith('03a107bf'));
  assert.deepEqual(r.relayClosed(), []);
});

test('the request is repeated after 3 and 6 seconds, for 18', () => {
  const r = asked();
  const at = [1000, 3000, 3500, 6000, 9000, 17_999]
    .map((now) => r.tick(now).length);
  assert.deepEqual(at, [0, 1, 0, 1, 0, 0]);
  assert.deepEqual(r.tick(18_000),
    [{ do: 'failed', outcome: outcome('no-answer', 'auto') }]);
});

function fails(m: Init<typeof RendezvousMessage>): string {
  const [a] = asked().idMessage(say(m), 1);
  return a?.do === 'failed' ? a.outcome.key + (a.outcome.text ?? '') : '-';
}

test('each refusal of the server has its sentence', () => {
  const failure = (n: number) => fails({ punchHoleResponse: { failure: n } });
  assert.deepEqual([0, 2, 3, 4].map(failure),
    ['unknown-id', 'offline', 'key-mismatch', 'overuse']);
  assert.equal(fails({ punchHoleResponse: { otherFailure: 'No' } }),
    'refusedNo');
  assert.equal(fails({ relayResponse: { refuseReason: 'No' } }), 'refusedNo');
  assert.equal(fails({ relayResponse: { uuid: 'U', pk: PK } }), 'too-old');
});

test('without a valid identity the relay is never reached', () => {
  const changed = PK.slice();
  changed[70]! ^= 1;
  for (const pk of [undefined, new Uint8Array(0), changed])
    assert.equal(fails({
      relayResponse: { uuid: 'U', pk, version: '1.4.9' },
    }), 'identity');
});

test('a device that insists on a direct way is asked once more', () => {
  const r = asked();
  const direct = say({ punchHoleResponse: { socketAddr: unhex('0102') } });
  assert.equal(r.idMessage(direct, 1)[0]?.do, 'send-id');
  assert.deepEqual(r.idMessage(direct, 2),
    [{ do: 'failed', outcome: outcome('direct-only') }]);
});

test('a relay where nobody arrives, and one that closes', () => {
  const joined = () => {
    const r = asked();
    r.idMessage(say({
      relayResponse: { uuid: 'U', pk: PK, version: '1' } }), 1000);
    r.relayOpened(2000);
    return r;
  };
  assert.deepEqual(joined().tick(20_000),
    [{ do: 'failed', outcome: outcome('no-arrival', 'auto') }]);
  assert.deepEqual(joined().relayClosed(),
    [{ do: 'failed', outcome: outcome('relay-closed', 'auto') }]);
});

test('any answer of a server leaves a decision or none', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assert.ok(asked().idMessage(bytes, 1).length <= 1);
  }), { numRuns: 1000 });
});

test('online states are bits in the order asked', () => {
  assert.equal(hex(onlineRequest('1', ['2'])), 'ba01060a0131120132');
  assert.deepEqual(onlineStates(Uint8Array.of(0b10100000, 0b1), 16),
    [true, false, true, ...Array<boolean>(12).fill(false), true]);
  assert.deepEqual(onlineStates(new Uint8Array(0), 2), [false, false]);
});

test('attempts get rarer, and end after ten minutes', () => {
  const r = new Reconnect();
  const lost = outcome('lost', 'auto');
  const waits: number[] = [];
  let now = 0;
  for (;;) {
    const next = r.lost(lost, now);
    if (next.kind === 'over')
      break;
    waits.push(next.until - now);
    now = next.until;
  }
  assert.deepEqual(waits.slice(0, 6), [1, 2, 4, 8, 15, 15].map((s) => s * 1e3));
  assert.ok(now >= 600_000 && now < 620_000);
});

test('an attempt waits as long as it is told to, and counts as one', () => {
  const r = new Reconnect();
  const lost = outcome('refused', 'auto');
  assert.deepEqual(r.lost(lost, 0, 30_000),
    { kind: 'wait', until: 30_000, attempt: 1 });
  assert.deepEqual(r.lost(lost, 30_000, 500),
    { kind: 'wait', until: 32_000, attempt: 2 });
  assert.equal(r.lost(lost, 600_000, 2000).kind, 'over');
});

test('what the user must decide is not tried again by itself', () => {
  assert.equal(new Reconnect().lost(outcome('offline'), 0).kind, 'over');
  const r = new Reconnect();
  r.restarting();
  assert.equal(r.lost(outcome('offline'), 0).kind, 'wait');
  r.established();
  assert.equal(r.lost(outcome('offline'), 0).kind, 'over');
});

// --- the direct way beside the relay -----------------------------------------

const SDP = 'v=0\r\na=fingerprint:sha-256 AB:CD\r\n';
const ANSWER = 'webrtc://'
  + btoa(JSON.stringify({ type: 'answer', sdp: SDP }));
const CANDIDATE = '{"candidate":"candidate:1","sdpMid":"0"}';

// Of a device that answers, whose relay half is reached but silent.
function racing(answer = ANSWER): Reach {
  const r = new Reach({ ...TARGET, offer: SDP }, SERVER);
  r.start(0);
  const [first] = r.idOpened(0);
  assert.ok(first?.do === 'send-id');
  const offer = decode(RendezvousMessage, first.bytes).punchHoleRequest
    ?.webrtcSdpOffer;
  assert.deepEqual(JSON.parse(atob(offer?.slice(9) ?? '')),
    { type: 'offer', sdp: SDP, ice_policy: 'all' });
  r.idMessage(say({
    relayResponse: {
      uuid: 'U', pk: PK, version: '1.5.0', webrtcSdpAnswer: answer,
    },
  }), 1);
  r.relayOpened(2);
  return r;
}

const does = (actions: readonly { do: string; way?: string }[]) =>
  actions.map((a) => a.do + (a.way ? ` ${a.way}` : ''));

test('whoever speaks first in the channel wins, and the relay is closed', () => {
  const r = racing();
  const won = r.directMessage();
  assert.deepEqual(does(won), ['close-id', 'close relay', 'arrived direct']);
  const last = won.at(-1);
  assert.ok(last?.do === 'arrived');
  assert.equal(last.fingerprint, 'sha-256 AB:CD');
  assert.deepEqual([r.relayMessage(5), r.relayClosed(), r.directClosed(),
    r.tick(60_000), r.ourCandidate(CANDIDATE)], [[], [], [], [], []]);
});

test('a relay that is ready waits one second for the direct way', () => {
  const r = racing();
  assert.deepEqual(r.relayMessage(100), []);
  assert.deepEqual(r.relayMessage(900), []);
  assert.deepEqual(r.tick(1099), []);
  assert.deepEqual(does(r.tick(1100)),
    ['close-id', 'close direct', 'arrived relay']);
  assert.deepEqual(r.directMessage(), []);
  const late = racing();
  late.relayMessage(100);
  assert.equal(does(late.directMessage()).at(-1), 'arrived direct');
});

test('a relay that is ready at the last moment is used', () => {
  const r = racing();
  assert.deepEqual(r.relayMessage(17_900), []);
  assert.equal(does(r.tick(18_002)).at(-1), 'arrived relay');
});

test('a relay that is ready waits for no direct way that broke', () => {
  const r = racing();
  r.relayMessage(100);
  assert.equal(does(r.directClosed()).at(-1), 'arrived relay');
  const before = racing();
  before.directClosed();
  assert.equal(does(before.relayMessage(100)).at(-1), 'arrived relay');
});

test('a relay that closes leaves the direct way its time', () => {
  const r = racing();
  r.relayMessage(100);
  assert.deepEqual(r.relayClosed(), []);
  assert.deepEqual(r.tick(1200), []);
  assert.equal(does(r.directMessage()).at(-1), 'arrived direct');
  const neither = racing();
  neither.relayClosed();
  assert.deepEqual(neither.tick(20_000),
    [{ do: 'failed', outcome: outcome('relay-closed', 'auto') }]);
  const both = racing();
  both.relayClosed();
  assert.deepEqual(both.directClosed(),
    [{ do: 'failed', outcome: outcome('relay-closed', 'auto') }]);
});

test('an answer that is none is no answer: the relay does not wait', () => {
  for (const text of ['', 'webrtc://', 'webrtc://%%%', 'webrtc://bnVsbA==',
    ANSWER.replace('webrtc', 'http'), ANSWER + 'A'.repeat(20_000),
    'webrtc://' + btoa(JSON.stringify({ type: 'offer', sdp: SDP })),
    'webrtc://' + btoa(JSON.stringify({ type: 'answer', sdp: 'v=0' })),
    // Of two certificates the browser may take the other one.
    'webrtc://' + btoa(JSON.stringify({
      type: 'answer', sdp: SDP + 'a=fingerprint:sha-256 EF:01\r\n',
    }))])
    assert.deepEqual(does(racing(text).relayMessage(3)),
      ['close-id', 'close direct', 'arrived relay'], text.slice(0, 40));
});

test('candidates go out once the device has answered, 64 at most', () => {
  const r = new Reach({ ...TARGET, offer: SDP }, SERVER);
  r.start(0);
  r.idOpened(0);
  assert.deepEqual(r.ourCandidate(CANDIDATE), []);
  const actions = r.idMessage(say({
    relayResponse: {
      uuid: 'U', pk: PK, version: '1.5.0', webrtcSdpAnswer: ANSWER,
    },
  }), 1);
  assert.deepEqual(does(actions), ['answer', 'send-id', 'open-relay']);
  const [, sent] = actions;
  assert.ok(sent?.do === 'send-id');
  assert.deepEqual(decode(RendezvousMessage, sent.bytes).iceCandidate, {
    id: '123456789', socketAddr: new Uint8Array(0),
    sessionKey: 'sha-256 AB:CD', candidate: CANDIDATE,
  });
  assert.deepEqual(r.ourCandidate('x'.repeat(1025)), []);
  const rest = Array.from({ length: 100 }, () => r.ourCandidate(CANDIDATE));
  assert.equal(rest.filter((a) => a.length === 1).length, 63);
});

test('candidates of the device: garbage is passed over, 64 at most', () => {
  const r = racing();
  const hear = (candidate: string) =>
    r.idMessage(say({ iceCandidate: { candidate } }), 3);
  for (const text of ['', '{', 'null', '[]', '7', '{"candidate":7}',
    '{"candidate":""}', `{"candidate":"${'x'.repeat(2000)}"}`])
    assert.deepEqual(hear(text), []);
  assert.deepEqual(hear(CANDIDATE), [{
    do: 'candidate', candidate: {
      candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: null,
      usernameFragment: null,
    },
  }]);
  const rest = Array.from({ length: 100 }, () => hear(CANDIDATE));
  assert.equal(rest.filter((a) => a.length === 1).length, 63);
});

test('nothing a server says about a direct way makes it throw', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (answer, candidate) => {
    const r = racing(answer);
    r.idMessage(say({ iceCandidate: { candidate } }), 3);
  }), { numRuns: 300 });
});
