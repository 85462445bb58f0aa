import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exchange, IdentityError }
  from '../../../services/web/protocol/cipher.js';
import { ChannelError, Joiner, MAX_PARTS, sdpFingerprint, split }
  from '../../../services/web/protocol/direct.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import { fill } from './hex.js';

const PART = 60_000;
const SECRETS = { ephemeral: fill(0x33), key: fill(0x44) };
const HELLO = {
  ephemeral: fill(9), advertised: 1, dtlsFingerprint: 'sha-256 AB:CD',
};

test('a record is cut into parts of 60000 bytes, the last one marked', () => {
  const sizes = (n: number) => split(new Uint8Array(n))
    .map((m) => [m[0], m.length]);
  assert.deepEqual(sizes(0), [[0, 1]]);
  assert.deepEqual(sizes(1), [[0, 2]]);
  assert.deepEqual(sizes(PART), [[0, PART + 1]]);
  assert.deepEqual(sizes(PART + 1), [[1, PART + 1], [0, 2]]);
});

test('whatever was cut is whole again, one record after the other', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(255),
    fc.nat(3 * PART)), { maxLength: 4 }), (all) => {
    const joiner = new Joiner(4 * PART);
    for (const [byte, size] of all) {
      const record = new Uint8Array(size).fill(byte);
      const got = split(record).map((m) => joiner.add(m));
      assert.deepEqual(got.pop(), record);
      assert.ok(got.every((r) => r === undefined));
    }
  }), { numRuns: 30 });
});

test('parts that are none and records without an end are refused', () => {
  for (const bad of [[], [2], [255, 1], [1]])
    assert.throws(() => new Joiner(10).add(Uint8Array.from(bad)),
      ChannelError);
  const joiner = new Joiner(10);
  joiner.add(Uint8Array.of(1, 1, 2, 3, 4, 5));
  joiner.add(Uint8Array.of(1, 1, 2, 3, 4, 5));
  assert.throws(() => joiner.add(Uint8Array.of(1, 1)), ChannelError);
});

test('a record comes in 65536 parts at most', () => {
  const joiner = new Joiner(1 << 20);
  for (let i = 1; i < MAX_PARTS; i++)
    joiner.add(Uint8Array.of(1, 7));
  assert.equal(joiner.add(Uint8Array.of(0, 7))?.length, MAX_PARTS);
  for (let i = 0; i < MAX_PARTS; i++)
    joiner.add(Uint8Array.of(1, 7));
  assert.throws(() => joiner.add(Uint8Array.of(0, 7)), ChannelError);
});

test('a description has one fingerprint, however often it is named', () => {
  const line = (text: string) => `a=fingerprint:${text}\r\n`;
  assert.equal(sdpFingerprint('v=0\r\n'), undefined);
  assert.equal(sdpFingerprint(line('')), undefined);
  assert.equal(sdpFingerprint(line('sha-256 A') + 'm=\n' + line('sha-256 A')),
    'sha-256 A');
  assert.equal(sdpFingerprint(line('sha-256 A') + line('sha-256 B')),
    undefined);
  assert.equal(sdpFingerprint(line('sha-256 A') + 'A=FINGERPRINT:sha-256 B\n'),
    undefined);
  assert.equal(sdpFingerprint(`a=fingerprint:${'A'.repeat(300)}`), undefined);
});

test('a fingerprint in a line that we cannot read leaves none', () => {
  const good = 'a=fingerprint:sha-256 A\r\n';
  for (const odd of ['a=fingerprint sha-256 B', ' a=fingerprint:sha-256 B',
    'a= fingerprint:sha-256 B', 'a=Fingerprint :sha-256 B',
    'a=x\u0000a=fingerprint:sha-256 B'])
    for (const sdp of [good + odd + '\r\n', odd + '\n' + good])
      assert.equal(sdpFingerprint(sdp), undefined, odd);
});

test('only the certificate that the device signed is spoken to', () => {
  for (const other of ['', 'sha-256 ab:cd', 'sha-256 AB:CE'])
    assert.throws(() => exchange(HELLO, SECRETS, other), IdentityError);
  assert.throws(() => exchange({ ...HELLO, dtlsFingerprint: '' }, SECRETS,
    'sha-256 AB:CD'), IdentityError);
});

test('in the channel DTLS protects records: they are not sealed', () => {
  const { answer, cipher } = exchange(HELLO, SECRETS, 'sha-256 AB:CD');
  const key = decodeMessage(answer).publicKey;
  assert.equal(key?.kxVersion, 0);
  assert.equal(key?.symmetricValue.length, 48);
  const plain = encodeMessage({ misc: { closeReason: '' } });
  assert.deepEqual(cipher.seal(plain), plain);
  assert.deepEqual(cipher.open(plain), plain);
});
