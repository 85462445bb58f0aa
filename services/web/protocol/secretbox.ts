// XSalsa20-Poly1305 of records: in JavaScript at first, in WebAssembly from
// when that was loaded.
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';

export const NONCE = 24;

export interface Secretbox {
  seal(plain: Uint8Array, nonce: Uint8Array, key: Uint8Array):
  Uint8Array<ArrayBuffer>;
  // Throws when the record was not sealed with these.
  open(record: Uint8Array, nonce: Uint8Array, key: Uint8Array):
  Uint8Array<ArrayBuffer>;
}

export const javascript: Secretbox = {
  seal: (plain, nonce, key) => xsalsa20poly1305(key, nonce).encrypt(plain) as
    Uint8Array<ArrayBuffer>,
  open: (record, nonce, key) => xsalsa20poly1305(key, nonce).decrypt(record) as
    Uint8Array<ArrayBuffer>,
};

let chosen = javascript;

// For every record from now on, of any session: all give the same bytes.
export function choose(box: Secretbox): void {
  chosen = box;
}

export const secretbox = (): Secretbox => chosen;
