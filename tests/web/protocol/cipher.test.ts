import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  box, Cipher, deviceKey, exchange, fingerprint, IdentityError, passwordHash,
  proof, readHello,
} from '../../../services/web/protocol/cipher.js';
import {
  decodeMessage, encodeMessage,
} from '../../../services/web/protocol/message.js';
import { fill, hex, unhex } from './hex.js';
import { VECTOR } from './vectors.js';

const ID = '123456789';
const SERVER = unhex(
  'd04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737');
const DEVICE = unhex(
  '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8');
const secrets = { ephemeral: fill(0x33), key: fill(0x44) };

test('the server vouches for the device and the fingerprint is its key', () => {
  const key = deviceKey(unhex(VECTOR.relayPk), SERVER, ID);
  assert.equal(hex(key), hex(DEVICE));
  assert.ok(fingerprint(key).startsWith('03a1 07bf f3ce 10be'));
  assert.equal(fingerprint(key).length, 64 + 15);
});

test('key exchange v0 gives the answer and opens the first record', () => {
  const hello = readHello(unhex(VECTOR.hello0), DEVICE, ID);
  assert.equal(hello.advertised, 0);
  const { answer, cipher } = exchange(hello, secrets);
  assert.equal(hex(answer), VECTOR.answer0);
  assert.equal(hex(cipher.open(unhex(VECTOR.rec0))), VECTOR.hash);
});

test('key exchange v1 has a key for each direction', () => {
  const hello = readHello(unhex(VECTOR.hello1), DEVICE, ID);
  assert.equal(hello.advertised, 1);
  const { answer, cipher } = exchange(hello, secrets);
  assert.equal(hex(answer),
    VECTOR.answer0.replace(/^2254/, '2256') + '1801');
  assert.equal(hex(cipher.open(unhex(VECTOR.rec1))), VECTOR.hash);
  assert.equal(hex(cipher.seal(unhex(VECTOR.login))), VECTOR.loginrec);
  const again = new Cipher(unhex(VECTOR.sub1), unhex(VECTOR.sub2));
  assert.equal(hex(again.seal(unhex(VECTOR.login))), VECTOR.loginrec);
});

test('the box of the session key', () => {
  const { ephemeral } = readHello(unhex(VECTOR.hello0), DEVICE, ID);
  assert.equal(hex(box(fill(0x44), ephemeral, fill(0x33))), VECTOR.box);
});

test('a newer key exchange than ours is answered with ours', () => {
  const hello = readHello(unhex(VECTOR.hello1), DEVICE, ID);
  const { answer } = exchange({ ...hello, advertised: 7 }, secrets);
  assert.equal(decodeMessage(answer).publicKey?.kxVersion, 1);
});

test('proof of the password', () => {
  const { salt, challenge } = decodeMessage(unhex(VECTOR.hash)).hash!;
  const h1 = passwordHash('Secret-1', salt);
  assert.equal(hex(h1), VECTOR.h1);
  assert.equal(hex(proof(h1, challenge)), VECTOR.proof);
  const other = passwordHash('пароль', salt);
  assert.equal(hex(other),
    '596069be83b64486651039fce58f778de597f07ece6837d9bed42f877241740c');
  assert.equal(hex(proof(other, challenge)),
    'f781d42e2cf0a0e36c23dae5f233f24c7a829ec23a8be876b438aa6043abf437');
});

test('no identity, another one, or a changed byte is refused', () => {
  const pk = unhex(VECTOR.relayPk);
  assert.throws(() => deviceKey(undefined, SERVER, ID), IdentityError);
  assert.throws(() => deviceKey(new Uint8Array(), SERVER, ID), IdentityError);
  assert.throws(() => deviceKey(pk, SERVER, '123456780'), IdentityError);
  assert.throws(() => deviceKey(pk, DEVICE, ID), IdentityError);
  const hello = unhex(VECTOR.hello0);
  assert.throws(() => readHello(hello, SERVER, ID), IdentityError);
  const empty = encodeMessage({});
  assert.throws(() => readHello(empty, DEVICE, ID), IdentityError);
  fc.assert(fc.property(fc.nat(pk.length - 1), fc.integer({ min: 1, max: 255 }),
    (at, by) => {
      const changed = pk.slice();
      changed[at]! ^= by;
      assert.throws(() => deviceKey(changed, SERVER, ID), IdentityError);
    }), { numRuns: 60 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    assert.throws(() => readHello(bytes, DEVICE, ID), IdentityError);
  }), { numRuns: 300 });
});

test('a record that is changed, repeated or left out does not open', () => {
  const sender = new Cipher(fill(1), fill(2));
  const records = [1, 2, 3].map((n) => sender.seal(new Uint8Array(9).fill(n)));
  const receiver = () => new Cipher(fill(2), fill(1));
  const [first, second] = records as [Uint8Array, Uint8Array];
  const r = receiver();
  assert.equal(r.open(first)[0], 1);
  assert.throws(() => r.open(first));
  assert.throws(() => receiver().open(second));
  const changed = first.slice();
  changed[20]! ^= 1;
  assert.throws(() => receiver().open(changed));
  assert.throws(() => receiver().open(first.subarray(0, 10)));
});

test('a record of one byte is not sealed and does not count', () => {
  const sender = new Cipher(fill(1), fill(2));
  const r = new Cipher(fill(2), fill(1));
  assert.equal(hex(r.open(Uint8Array.of(7))), '07');
  assert.equal(r.open(sender.seal(new Uint8Array(4))).length, 4);
});
