// Identity, key exchange and records (specification of the peer protocol):
// nothing is sent to a device whose identity was not verified, and nothing
// is ever sent in the clear but the public key itself.
import { hsalsa } from '@noble/ciphers/salsa.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { decode } from './wire.js';
import { decodeMessage, encodeMessage, IdPk } from './message.js';
import { javascript, NONCE, secretbox } from './secretbox.js';

const SIGNATURE = 64;
const KEY = 32;
const KX_VERSION = 1;           // the newest we speak

export class IdentityError extends Error {}

// The message of an attached signature.
function openSigned(signed: Uint8Array, key: Uint8Array): Uint8Array {
  const text = signed.subarray(SIGNATURE);
  let genuine = false;
  try {
    genuine = signed.length > SIGNATURE
      && ed25519.verify(signed.subarray(0, SIGNATURE), text, key,
        { zip215: false });
  } catch {
    // Not a point of the curve.
  }
  if (!genuine)
    throw new IdentityError('the signature does not fit');
  return text;
}

function readIdPk(signed: Uint8Array, key: Uint8Array, id: string) {
  let idPk;
  try {
    idPk = decode(IdPk, openSigned(signed, key));
  } catch (e) {
    throw e instanceof IdentityError ? e
      : new IdentityError('not an identity');
  }
  if (idPk.id !== id)
    throw new IdentityError('the identity of another device');
  if (idPk.pk.length !== KEY)
    throw new IdentityError('a key of the wrong length');
  return idPk;
}

// The device's permanent key, as the server vouches for it.
export function deviceKey(pk: Uint8Array | undefined, serverKey: Uint8Array,
  id: string): Uint8Array {
  if (pk === undefined || pk.length === 0)
    throw new IdentityError('the server does not vouch for the device');
  return readIdPk(pk, serverKey, id).pk;
}

// As clients show it: the key itself in groups of four hexadecimal digits.
export function fingerprint(key: Uint8Array): string {
  const hex = Array.from(key, (b) => b.toString(16).padStart(2, '0')).join('');
  return hex.replace(/.{4}(?=.)/g, '$& ');
}

export interface Hello {
  readonly ephemeral: Uint8Array;
  readonly advertised: number;      // the device's kx_version
  readonly dtlsFingerprint: string;
}

// The device's first message, verified.
export function readHello(record: Uint8Array, key: Uint8Array, id: string):
Hello {
  let signed;
  try {
    signed = decodeMessage(record).signedId;
  } catch {
    throw new IdentityError('not a message');
  }
  if (signed === undefined)
    throw new IdentityError('the device did not identify itself');
  const idPk = readIdPk(signed.id, key, id);
  return {
    ephemeral: idPk.pk, advertised: idPk.kxVersion,
    dtlsFingerprint: idPk.dtlsFingerprint,
  };
}

const SIGMA = new Uint32Array(
  new TextEncoder().encode('expand 32-byte k').buffer.slice(0));

function words(bytes: Uint8Array): Uint32Array {
  const copy = bytes.slice();
  return new Uint32Array(copy.buffer, 0, copy.length >> 2);
}

// crypto_box with a nonce of zeros.
export function box(plain: Uint8Array, theirs: Uint8Array, ours: Uint8Array):
Uint8Array {
  let shared;
  try {
    shared = x25519.getSharedSecret(ours, theirs);
  } catch {
    throw new IdentityError('a key that agrees on nothing');
  }
  const key = new Uint32Array(8);
  hsalsa(SIGMA, words(shared), new Uint32Array(4), key);
  return javascript.seal(plain, new Uint8Array(NONCE),
    new Uint8Array(key.buffer));
}

function le32(n: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n, true);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

export interface Secrets {
  readonly ephemeral: Uint8Array;   // X25519 secret, fresh
  readonly key: Uint8Array;         // K, fresh
}

// What becomes of a message on its way, and of a record.
export interface Records {
  seal(plain: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  open(record: Uint8Array): Uint8Array;
}

export interface Exchange {
  readonly answer: Uint8Array<ArrayBuffer>; // to send in the clear
  readonly cipher: Records;                 // for every record after it
}

// In a channel that DTLS protects, and whose other end is the device's by the
// fingerprint that it signed, records are not sealed once more.
const PROTECTED: Records = { seal: (plain) => plain, open: (record) => record };

// FINGERPRINT: of the other end's certificate, in a direct channel.
export function exchange(hello: Hello, secrets: Secrets,
  fingerprint?: string): Exchange {
  const direct = fingerprint !== undefined;
  if (direct && hello.dtlsFingerprint !== fingerprint)
    throw new IdentityError('the certificate of somebody else');
  const ours = x25519.getPublicKey(secrets.ephemeral);
  const picked = direct ? 0 : Math.min(hello.advertised, KX_VERSION);
  const answer = encodeMessage({
    publicKey: {
      asymmetricValue: ours,
      symmetricValue: box(secrets.key, hello.ephemeral, secrets.ephemeral),
      kxVersion: picked,
    },
  });
  if (direct)
    return { answer, cipher: PROTECTED };
  if (picked === 0)
    return { answer, cipher: new Cipher(secrets.key, secrets.key) };
  const subkey = (direction: number) => blake2b(concat([
    new TextEncoder().encode('rdkx-spl'), Uint8Array.of(direction),
    le32(hello.advertised), le32(picked), ours, hello.ephemeral,
  ]), { key: secrets.key, dkLen: KEY });
  return { answer, cipher: new Cipher(subkey(1), subkey(2)) };
}

// One direction: the nonce is a counter, raised before use.
class Sequence {
  private count = 0n;
  private readonly nonce = new Uint8Array(NONCE);
  private readonly view = new DataView(this.nonce.buffer);

  constructor(private readonly key: Uint8Array) {}

  private next(): Uint8Array {
    this.count += 1n;
    this.view.setBigUint64(0, this.count, true);
    return this.nonce;
  }

  seal(plain: Uint8Array): Uint8Array<ArrayBuffer> {
    return secretbox().seal(plain, this.next(), this.key);
  }

  open(record: Uint8Array): Uint8Array {
    return secretbox().open(record, this.next(), this.key);
  }
}

export class Cipher implements Records {
  private readonly out: Sequence;
  private readonly in: Sequence;

  constructor(toDevice: Uint8Array, fromDevice: Uint8Array) {
    this.out = new Sequence(toDevice);
    this.in = new Sequence(fromDevice);
  }

  seal(plain: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.out.seal(plain);
  }

  // Throws when the record was not made by the device, in this order. A
  // record of one byte or none is never sealed and does not count.
  open(record: Uint8Array): Uint8Array {
    return record.length <= 1 ? record : this.in.open(record);
  }
}

// --- password ---------------------------------------------------------------

const utf8 = (text: string) => new TextEncoder().encode(text);

// Can be kept for reconnecting: the salt is permanent per device.
export const passwordHash = (password: string, salt: string): Uint8Array =>
  sha256(concat([utf8(password), utf8(salt)]));

export const proof = (hash: Uint8Array, challenge: string): Uint8Array =>
  sha256(concat([hash, utf8(challenge)]));
