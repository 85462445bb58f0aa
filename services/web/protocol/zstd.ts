// Zstandard frames of a device, with a bound on what comes out of them: on
// the memory that a frame's header asks for as well as on its content.
import { Decompress } from 'fzstd';

export class ZstdError extends Error {}

const MAGIC = 0xfd2fb528;
const MAX_WINDOW = 8 << 20;     // what encoders use below --ultra

function u32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length)
    throw new ZstdError('cut short');
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

interface Frame {
  readonly memory: number;    // bytes that its window takes
  readonly blocks: number;    // where they start
  readonly checksum: number;  // bytes behind them
}

function header(bytes: Uint8Array): Frame {
  if (u32(bytes, 0) !== MAGIC)
    throw new ZstdError('not a Zstandard frame');
  const flags = bytes[4] ?? 0;
  const single = (flags & 0x20) !== 0;
  const sizeAt = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0);
  const sizeBytes = flags >> 6 ? 1 << (flags >> 6) : single ? 1 : 0;
  let size = sizeBytes === 2 ? 256 : 0;
  for (let i = 0; i < sizeBytes; i++)
    size += (bytes[sizeAt + i] ?? 0) * 2 ** (8 * i);
  const d = bytes[5] ?? 0;
  const base = 2 ** (10 + (d >> 3));
  return {
    memory: single ? size : base + (base / 8) * (d & 7),
    blocks: sizeAt + sizeBytes, checksum: flags & 4 ? 4 : 0,
  };
}

// Behind the last block: a second frame would bring a header of its own.
function end(bytes: Uint8Array, frame: Frame): number {
  for (let at = frame.blocks; ;) {
    if (at + 3 > bytes.length)
      throw new ZstdError('cut short');
    const head = (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8
      | (bytes[at + 2] ?? 0) << 16;
    at += 3 + ((head >> 1 & 3) === 1 ? 1 : head >> 3);
    if (head & 1)
      return at + frame.checksum;
  }
}

// What comes out of BYTES, one frame, at most MAX bytes of it, else ZstdError.
export function unzstd(bytes: Uint8Array, max: number): Uint8Array {
  const frame = header(bytes);
  if (frame.memory > Math.max(max, MAX_WINDOW))
    throw new ZstdError('needs too much memory');
  if (end(bytes, frame) !== bytes.length)
    throw new ZstdError('more or less than one frame');
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((part) => {
    length += part.length;
    if (length > max)
      throw new ZstdError(`more than ${max} bytes`);
    parts.push(part);
  });
  try {
    stream.push(bytes, true);
  } catch (e) {
    throw e instanceof ZstdError ? e : new ZstdError(String(e));
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
