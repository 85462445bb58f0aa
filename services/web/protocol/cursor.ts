// Shapes of the device's pointer: unpacked once, kept by id.
import type { CursorDataMessage } from './message.js';
import { unzstd } from './zstd.js';

const MAX_SIDE = 512;
const KEPT = 100;

export interface Cursor {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export class Cursors {
  private readonly kept = new Map<bigint, Cursor>();

  // Undefined: not a shape that can be shown.
  add(m: CursorDataMessage): Cursor | undefined {
    const { width, height } = m;
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
      return undefined;
    let colors;
    try {
      colors = unzstd(m.colors, width * height * 4);
    } catch {
      return undefined;
    }
    if (colors.length !== width * height * 4)
      return undefined;
    const inside = (n: number, size: number) =>
      Math.max(0, Math.min(size - 1, n));
    const cursor = {
      width, height, hotX: inside(m.hotx, width),
      hotY: inside(m.hoty, height), rgba: new Uint8ClampedArray(colors),
    };
    this.kept.delete(m.id);
    this.kept.set(m.id, cursor);
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && !oldest.done)
      this.kept.delete(oldest.value);
    return cursor;
  }

  get(id: bigint): Cursor | undefined {
    return this.kept.get(id);
  }
}
