// What is used of libsodium as it is compiled, without its wrappers. Numbers
// are addresses in HEAPU8 and lengths; a length of 64 bits comes in two.
declare module 'libsodium' {
  export interface Libsodium {
    readonly HEAPU8: Uint8Array<ArrayBuffer>;   // another one when it grows
    _malloc(bytes: number): number;
    _crypto_secretbox_easy(to: number, from: number, low: number, high: number,
      nonce: number, key: number): number;
    _crypto_secretbox_open_easy(to: number, from: number, low: number,
      high: number, nonce: number, key: number): number;
  }
  export default function libsodium(): Promise<Libsodium>;
}
