// Which codec, how a decoder has to be configured, and which frames it gets.
// The device sends key frames on request only: who drops one must ask.
import type { Init } from './wire.js';
import type { OptionMessage, VideoFrameMessage } from './message.js';

export type Codec = 'vp8' | 'vp9' | 'av1' | 'h264' | 'h265';
export const CODECS: readonly Codec[] = ['vp8', 'vp9', 'av1', 'h264', 'h265'];

export interface Ability {
  readonly plain: boolean;      // 4:2:0
  readonly full: boolean;       // 4:4:4
}
export type Abilities = Readonly<Record<Codec, Ability>>;

// Strings to ask VideoDecoder.isConfigSupported about.
export const TEST_STRING: Readonly<Record<Codec, readonly string[]>> = {
  vp8: ['vp8'],
  vp9: ['vp09.00.51.08', 'vp09.01.51.08.03.01.01.01.00'],
  av1: ['av01.0.13M.08', 'av01.1.13M.08'],
  h264: ['avc1.640033', 'avc1.f40033'],
  h265: ['hev1.1.6.L153.B0'],
};

const PREFER: Readonly<Record<Codec, number>> = {
  vp9: 1, h264: 2, h265: 3, vp8: 4, av1: 5,
};

type Decoding = NonNullable<Init<typeof OptionMessage>['supportedDecoding']>;

// PREFER undefined: the device chooses. FULL: colours of text undiluted.
export function supportedDecoding(a: Abilities, prefer?: Codec, full = false):
Decoding {
  const can = (c: Codec) => (a[c].plain ? 1 : 0);
  return {
    vp8: can('vp8'), vp9: can('vp9'), av1: can('av1'), h264: can('h264'),
    h265: can('h265'), prefer: prefer && a[prefer].plain ? PREFER[prefer] : 0,
    i444: {
      vp8: a.vp8.full, vp9: a.vp9.full, av1: a.av1.full, h264: a.h264.full,
      h265: a.h265.full,
    },
    preferChroma: full ? 1 : 0,
  };
}

export interface Chunk {
  readonly data: Uint8Array;
  readonly key: boolean;
}
export interface Picture {
  readonly codec: Codec;
  readonly display: number;
  readonly chunks: readonly Chunk[];
}

export function readPicture(m: VideoFrameMessage): Picture | undefined {
  for (const codec of CODECS) {
    const frames = m[`${codec}s`];
    if (frames !== undefined)
      return { codec, display: m.display, chunks: frames.frames };
  }
  return undefined;
}

// --- configuration ----------------------------------------------------------

const hex2 = (n: number | undefined) => (n ?? 0).toString(16).padStart(2, '0');

// Payloads of the NAL units of an Annex B stream, the first few.
function* nals(data: Uint8Array): Generator<number> {
  for (let i = 0; i + 3 < data.length; i++)
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1)
      yield i + 3;
}

function h264String(data: Uint8Array): string {
  for (const at of nals(data))
    if (((data[at] ?? 0) & 31) === 7)
      return 'avc1.' + hex2(data[at + 1]) + hex2(data[at + 2])
        + hex2(data[at + 3]);
  return 'avc1.640033';
}

// seq_profile of the sequence header OBU, 0 when there is none.
function av1Profile(data: Uint8Array): number {
  for (let at = 0; at < data.length;) {
    const head = data[at] ?? 0;
    let next = at + 1 + (head >> 2 & 1);
    if (((head >> 1) & 1) === 0)
      return head >> 3 === 1 ? (data[next] ?? 0) >> 5 : 0;
    let size = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = data[next++] ?? 0;
      size += (b & 127) * 2 ** shift;
      if (b < 128)
        break;
    }
    if ((head >> 3 & 15) === 1)
      return (data[next] ?? 0) >> 5;
    at = next + size;
  }
  return 0;
}

// What VideoDecoder has to be configured with for this key frame.
export function codecString(codec: Codec, key: Uint8Array): string {
  const [plain = '', full = ''] = TEST_STRING[codec];
  switch (codec) {
    case 'vp9': {
      const first = key[0] ?? 0;
      const profile = (first >> 5 & 1) | (first >> 4 & 1) << 1;
      return profile === 1 ? full : plain;
    }
    case 'av1': return av1Profile(key) === 1 ? full : plain;
    case 'h264': return h264String(key);
    default: return plain;
  }
}

// Encoders of H.264 may forget to mark a key frame.
export function isKey(codec: Codec, chunk: Chunk): boolean {
  if (chunk.key || codec !== 'h264')
    return chunk.key;
  for (const at of nals(chunk.data)) {
    const kind = (chunk.data[at] ?? 0) & 31;
    if (kind === 5 || kind === 7)
      return true;
    if (kind === 1)
      return false;
  }
  return false;
}

// --- one display's stream ---------------------------------------------------

const ASK_EVERY = 1000;         // ms: asking makes every viewer pay
const STALLED = 5000;           // frames come, none is decoded
const DROP_ABOVE = 30;          // frames in the decoder's queue

export interface Step {
  // Configure a fresh decoder before this chunk.
  readonly configure: string | undefined;
  readonly chunk: Chunk;
}
export interface Fed {
  readonly steps: readonly Step[];
  readonly ask: boolean;        // for a key frame
  readonly dropped: number;
}

export class Stream {
  private config = '';
  private waiting = true;       // for a key frame
  private askedAt = -ASK_EVERY;
  // Since when the decoder owes a frame. A screen where nothing moves sends
  // nothing, and nothing is missing then.
  private owed = Infinity;

  // What of PICTURE goes into the decoder, which has QUEUED frames to do.
  feed(picture: Picture, queued: number, now: number): Fed {
    const steps: Step[] = [];
    let dropped = 0;
    if (queued > DROP_ABOVE)
      this.waiting = true;
    for (const chunk of picture.chunks) {
      const key = isKey(picture.codec, chunk);
      if (this.waiting && !key) {
        dropped += 1;
        continue;
      }
      steps.push(this.step(picture.codec, { data: chunk.data, key }, now));
    }
    return { steps, ask: this.waiting && this.mayAsk(now), dropped };
  }

  private step(codec: Codec, chunk: Chunk, now: number): Step {
    const config = chunk.key ? codecString(codec, chunk.data) : this.config;
    const configure = this.waiting || config !== this.config
      ? config : undefined;
    this.config = config;
    this.waiting = false;
    // A fresh decoder does not owe what the one before did.
    this.owed = configure === undefined ? Math.min(this.owed, now) : now;
    return { configure, chunk };
  }

  // Frames went by unseen.
  forget(): void {
    this.waiting = true;
  }

  decoded(): void {
    this.owed = Infinity;
  }

  // The decoder failed, was reset, or the display changed: true = ask now.
  lost(now: number): boolean {
    this.waiting = true;
    return this.mayAsk(now);
  }

  // True when a key frame has to be asked for (again).
  tick(now: number): boolean {
    if (now - this.owed >= STALLED) {
      this.owed = Infinity;
      this.waiting = true;
    }
    return this.waiting && this.mayAsk(now);
  }

  private mayAsk(now: number): boolean {
    if (now - this.askedAt < ASK_EVERY)
      return false;
    this.askedAt = now;
    return true;
  }
}
