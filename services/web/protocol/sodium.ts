// Secretbox by libsodium in WebAssembly: three times as fast, and larger than
// all that a session needs to begin.
import libsodium from 'libsodium';
import type { Secretbox } from './secretbox.js';

// Bytes of a record. The memory of WebAssembly never shrinks: larger ones, of
// which there are few, go another way.
export const ROOM = 1 << 20;
const TAG = 16;
const NONCE = 24;
const KEY = 32;

// LARGER: for records above ROOM. Rejects where there is no WebAssembly.
export async function sodium(larger: Secretbox): Promise<Secretbox> {
  const wasm = await libsodium();
  const at = wasm._malloc(ROOM + TAG + NONCE + KEY);
  if (at === 0)
    throw new Error('no memory');
  const nonceAt = at + ROOM + TAG;
  const keyAt = nonceAt + NONCE;
  const put = (bytes: Uint8Array, nonce: Uint8Array, key: Uint8Array) => {
    wasm.HEAPU8.set(bytes, at);
    wasm.HEAPU8.set(nonce, nonceAt);
    wasm.HEAPU8.set(key, keyAt);
  };
  return {
    seal(plain, nonce, key) {
      if (plain.length > ROOM)
        return larger.seal(plain, nonce, key);
      put(plain, nonce, key);
      wasm._crypto_secretbox_easy(at, at, plain.length, 0, nonceAt, keyAt);
      return wasm.HEAPU8.slice(at, at + plain.length + TAG);
    },
    open(record, nonce, key) {
      if (record.length > ROOM + TAG)
        return larger.open(record, nonce, key);
      put(record, nonce, key);
      if (wasm._crypto_secretbox_open_easy(at, at, record.length, 0, nonceAt,
        keyAt) !== 0)
        throw new Error('a record that does not open');
      return wasm.HEAPU8.slice(at, at + record.length - TAG);
    },
  };
}
