// Sound of the device: Opus packets of 10 ms or so.

export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

const RATES = [8000, 12000, 16000, 24000, 48000];
const MAX_PACKET = 4096;        // bytes; Opus makes 1275 a frame

export function soundFormat(f: SoundFormat): SoundFormat | undefined {
  return RATES.includes(f.sampleRate) && (f.channels === 1 || f.channels === 2)
    ? { sampleRate: f.sampleRate, channels: f.channels } : undefined;
}

export const isPacket = (data: Uint8Array): boolean =>
  data.length > 0 && data.length <= MAX_PACKET;

// --- what waits to be played ------------------------------------------------

const START_MS = 60;
const MOST_MS = 250;

// A ring of samples per channel: plays when there is enough, lets go of the
// oldest when there is too much.
export class Jitter {
  private readonly start: number;
  private readonly most: number;
  private readonly rings: Float32Array[];
  private at = 0;
  private filled = 0;
  private playing = false;

  constructor(rate: number, channels: number) {
    this.start = Math.round(rate * START_MS / 1000);
    this.most = Math.round(rate * MOST_MS / 1000);
    this.rings = Array.from({ length: channels },
      () => new Float32Array(this.most * 2));
  }

  get waiting(): number {
    return this.filled;
  }

  // Mono goes to every channel.
  write(planes: readonly Float32Array[]): void {
    const size = this.most * 2;
    const frames = Math.min(planes[0]?.length ?? 0, this.most);
    this.rings.forEach((ring, c) => {
      const plane = planes[c] ?? planes[0];
      for (let i = 0; plane !== undefined && i < frames; i++)
        ring[(this.at + this.filled + i) % size] = plane[i] ?? 0;
    });
    this.filled += frames;
    if (this.filled > this.most) {
      const late = this.filled - this.start;
      this.at = (this.at + late) % size;
      this.filled = this.start;
    }
  }

  // Fills OUT; silence while there is not enough.
  read(out: readonly Float32Array[]): void {
    const frames = out[0]?.length ?? 0;
    this.playing = this.playing ? this.filled > 0 : this.filled >= this.start;
    const size = this.most * 2;
    const take = this.playing ? Math.min(frames, this.filled) : 0;
    out.forEach((plane, c) => {
      const ring = this.rings[c] ?? this.rings[0];
      for (let i = 0; i < frames; i++)
        plane[i] = i < take ? ring?.[(this.at + i) % size] ?? 0 : 0;
    });
    this.at = (this.at + take) % size;
    this.filled -= take;
  }
}
