// Records by JavaScript and by WebAssembly are the same bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cipher } from '../../../services/web/protocol/cipher.js';
import { choose, javascript }
  from '../../../services/web/protocol/secretbox.js';
import { ROOM, sodium } from '../../../services/web/protocol/sodium.js';
import { fill, hex, unhex } from './hex.js';
import { VECTOR } from './vectors.js';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
// Of megabytes: comparing them as objects takes a browser minutes.
const alike = (a: Uint8Array, b: Uint8Array) => assert.ok(
  a.length === b.length && a.every((byte, i) => byte === b[i]));
const pattern = (n: number) => Uint8Array.from({ length: n },
  (_, i) => i * 31 >> 3);

test('the vectors hold in WebAssembly, also when it comes between two records',
  async () => {
    const box = await sodium(javascript);
    const ours = new Cipher(unhex(VECTOR.sub1), unhex(VECTOR.sub2));
    const theirs = new Cipher(unhex(VECTOR.sub2), unhex(VECTOR.sub1));
    try {
      choose(box);
      assert.equal(hex(ours.seal(unhex(VECTOR.login))), VECTOR.loginrec);
      assert.equal(hex(ours.open(unhex(VECTOR.rec1))), VECTOR.hash);
      assert.equal(hex(theirs.open(unhex(VECTOR.loginrec))), VECTOR.login);
      const second = ours.seal(fill(5));
      choose(javascript);
      assert.equal(hex(theirs.open(second)), hex(fill(5)));
    } finally {
      choose(javascript);
    }
  });

test('both seal any record alike, and open what the other has sealed',
  async () => {
    const box = await sodium(javascript);
    const same = (plain: Uint8Array, nonce: Uint8Array, key: Uint8Array) => {
      const sealed = box.seal(plain, nonce, key);
      alike(sealed, javascript.seal(plain, nonce, key));
      alike(box.open(sealed, nonce, key), plain);
      alike(javascript.open(sealed, nonce, key), plain);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes(24),
      bytes(32), same), { numRuns: 200 });
    for (const n of [65_535, 65_536, ROOM - 1, ROOM, ROOM + 1])
      same(pattern(n), fill(9).subarray(0, 24), fill(8));
  });

test('a record that was changed or cut short opens in neither', async () => {
  const box = await sodium(javascript);
  const [nonce, key] = [fill(9).subarray(0, 24), fill(8)];
  const sealed = box.seal(pattern(100), nonce, key);
  for (const one of [box, javascript]) {
    for (const n of [0, 1, 15, 16, sealed.length - 1])
      assert.throws(() => one.open(sealed.subarray(0, n), nonce, key));
    fc.assert(fc.property(fc.nat(sealed.length - 1),
      fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = sealed.slice();
        changed[at]! ^= by;
        assert.throws(() => one.open(changed, nonce, key));
      }), { numRuns: 60 });
    assert.equal(one.open(sealed, nonce, key).length, 100);
  }
});

test('what was opened stays when more is opened', async () => {
  const box = await sodium(javascript);
  const [nonce, key] = [fill(9).subarray(0, 24), fill(8)];
  const [first, second] = [fill(1), fill(2)]
    .map((plain) => box.open(box.seal(plain, nonce, key), nonce, key));
  assert.equal(hex(first!), hex(fill(1)));
  assert.equal(hex(second!), hex(fill(2)));
});

test('without WebAssembly there is none of it, and no other harm',
  async () => {
    const real = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly')!;
    Object.defineProperty(globalThis, 'WebAssembly',
      { configurable: true, writable: true, value: undefined });
    try {
      await assert.rejects(sodium(javascript));
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', real);
    }
    const [device, page] = [new Cipher(fill(1), fill(2)),
      new Cipher(fill(2), fill(1))];
    assert.equal(hex(page.open(device.seal(fill(7)))), hex(fill(7)));
  });
