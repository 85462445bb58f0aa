// A ZIP file (stored, not compressed) made while its files arrive, for
// browsers that cannot write folders.

const UTF8 = 1 << 11;
const SIZES_BEHIND = 1 << 3;
const LOCAL = 0x04034b50;
const BEHIND = 0x08074b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const MAX32 = 0xffffffff;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++)
    c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function crc32(data: Uint8Array, before = 0): number {
  let c = ~before;
  for (let i = 0; i < data.length; i++)
    c = (TABLE[(c ^ (data[i] ?? 0)) & 255] ?? 0) ^ (c >>> 8);
  return ~c >>> 0;
}

type Part = readonly [value: number, bytes: 2 | 4 | 8];

function pack(parts: readonly Part[], tail = new Uint8Array(0)):
Uint8Array<ArrayBuffer> {
  const length = parts.reduce((n, [, size]) => n + size, 0);
  const out = new Uint8Array(length + tail.length);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [value, size] of parts) {
    if (size === 2)
      view.setUint16(at, value, true);
    else if (size === 4)
      view.setUint32(at, value >>> 0, true);
    else
      view.setBigUint64(at, BigInt(value), true);
    at += size;
  }
  out.set(tail, at);
  return out;
}

function dosTime(unix: number): { date: number; time: number } {
  const d = new Date(unix * 1000);
  const year = d.getUTCFullYear();
  if (!(year >= 1980 && year < 2108))
    return { date: 0x21, time: 0 };
  return {
    date: year - 1980 << 9 | d.getUTCMonth() + 1 << 5 | d.getUTCDate(),
    time: d.getUTCHours() << 11 | d.getUTCMinutes() << 5
      | d.getUTCSeconds() >> 1,
  };
}

interface Member {
  readonly name: Uint8Array;
  readonly stamp: { date: number; time: number };
  readonly at: number;
  readonly large: boolean;
  size: number;
  crc: number;
}

export class Zip {
  private readonly members: Member[] = [];
  private at = 0;

  private emit(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.at += bytes.length;
    return bytes;
  }

  // EXPECTED: its size at most. Each method returns what to write.
  begin(name: string, modified: number, expected: number):
  Uint8Array<ArrayBuffer> {
    const m: Member = {
      name: new TextEncoder().encode(name), stamp: dosTime(modified),
      at: this.at, large: expected >= MAX32, size: 0, crc: 0,
    };
    this.members.push(m);
    const extra = m.large
      ? pack([[1, 2], [16, 2], [0, 8], [0, 8]]) : new Uint8Array(0);
    const size = m.large ? MAX32 : 0;
    const head = pack([
      [LOCAL, 4], [m.large ? 45 : 20, 2], [UTF8 | SIZES_BEHIND, 2], [0, 2],
      [m.stamp.time, 2], [m.stamp.date, 2], [0, 4], [size, 4], [size, 4],
      [m.name.length, 2], [extra.length, 2],
    ]);
    const all = new Uint8Array(head.length + m.name.length + extra.length);
    all.set(head);
    all.set(m.name, head.length);
    all.set(extra, head.length + m.name.length);
    return this.emit(all);
  }

  data(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const m = this.members.at(-1);
    if (m !== undefined) {
      m.crc = crc32(bytes, m.crc);
      m.size += bytes.length;
    }
    return this.emit(bytes);
  }

  end(): Uint8Array<ArrayBuffer> {
    const m = this.members.at(-1);
    if (m === undefined)
      return new Uint8Array(0);
    const width = m.large ? 8 : 4;
    return this.emit(pack([
      [BEHIND, 4], [m.crc, 4], [m.size, width], [m.size, width],
    ]));
  }

  // Forgets the member that was begun last; what it has is written over from
  // where this says.
  drop(): number {
    const m = this.members.pop();
    if (m !== undefined)
      this.at = m.at;
    return this.at;
  }

  private central(m: Member): Uint8Array<ArrayBuffer> {
    const far = m.large || m.at >= MAX32;
    const extra = far
      ? pack([[1, 2], [24, 2], [m.size, 8], [m.size, 8], [m.at, 8]])
      : new Uint8Array(0);
    const tail = new Uint8Array(m.name.length + extra.length);
    tail.set(m.name);
    tail.set(extra, m.name.length);
    const size = far ? MAX32 : m.size;
    return pack([
      [CENTRAL, 4], [far ? 45 : 20, 2], [far ? 45 : 20, 2],
      [UTF8 | SIZES_BEHIND, 2], [0, 2], [m.stamp.time, 2], [m.stamp.date, 2],
      [m.crc, 4], [size, 4], [size, 4], [m.name.length, 2], [extra.length, 2],
      [0, 2], [0, 2], [0, 2], [0, 4], [far ? MAX32 : m.at, 4],
    ], tail);
  }

  finish(): Uint8Array<ArrayBuffer>[] {
    const start = this.at;
    const out = this.members.map((m) => this.emit(this.central(m)));
    const size = this.at - start;
    const count = this.members.length;
    const far = count >= 0xffff || start >= MAX32 || size >= MAX32;
    if (far) {
      const at = this.at;
      out.push(this.emit(pack([
        [END64, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8],
        [count, 8], [size, 8], [start, 8],
      ])), this.emit(pack([[LOCATOR64, 4], [0, 4], [at, 8], [1, 4]])));
    }
    const short = Math.min(count, 0xffff);
    out.push(this.emit(pack([
      [END, 4], [0, 2], [0, 2], [short, 2], [short, 2],
      [Math.min(size, MAX32), 4], [Math.min(start, MAX32), 4], [0, 2],
    ])));
    return out;
  }
}
