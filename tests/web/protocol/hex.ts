// Without Buffer: the vectors are tried in browsers too.
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
export const unhex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const fill = (value: number): Uint8Array =>
  new Uint8Array(32).fill(value);
