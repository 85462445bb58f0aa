// Zstandard frames for tests: one raw block, and one that a real encoder made.
export function stored(data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(12));
  head.setUint32(0, 0xfd2fb528, true);
  head.setUint8(4, 0xa0);                 // single segment, size of 4 bytes
  head.setUint32(5, data.length, true);
  const block = 1 | data.length << 3;
  head.setUint8(9, block & 255);
  head.setUint8(10, block >> 8 & 255);
  head.setUint8(11, block >> 16 & 255);
  const out = new Uint8Array(12 + data.length);
  out.set(new Uint8Array(head.buffer));
  out.set(data, 12);
  return out;
}

// "line 0 of the terminal" to "line 39 of the terminal", by zstd -19.
export const REAL = '28b52ffd64b502e50200e2030c10b01d0373f436c3e4ce6a2329db25'
  + '7023ffffffbf6ddbb6ddb66ddba2630a1977814bb03da966506c861583080a361728a811f0'
  + 'ebff0680a3d2031134047f4398e70727613f57eeb8e17eeb765bb6d7aa5da454bd8c0a4435'
  + '25cf7b43';
export const REAL_TEXT = Array.from({ length: 40 },
  (_, i) => `line ${i} of the terminal`).join('\n');
