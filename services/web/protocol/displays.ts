// The device's displays in its virtual desktop, which of them are shown, and
// where a place of the shown picture is on the device.
import type {
  DisplayInfoMessage, MiscMessage, PeerInfoMessage,
} from './message.js';

export interface Size { readonly width: number; readonly height: number }
export interface Rect extends Size { readonly x: number; readonly y: number }

export interface Display extends Rect {
  readonly name: string;
  readonly online: boolean;
  readonly cursorEmbedded: boolean;
  readonly resolutions: readonly Size[];
  readonly original: Size | undefined;
}

// No screen is larger, and no canvas could be.
const MAX_SIDE = 16384;
const side = (n: number) => Math.max(1, Math.min(MAX_SIDE, n));

function display(d: DisplayInfoMessage, resolutions: readonly Size[]):
Display {
  return {
    x: d.x, y: d.y, width: side(d.width), height: side(d.height),
    name: d.name, online: d.online, cursorEmbedded: d.cursorEmbedded,
    resolutions, original: d.originalResolution,
  };
}

type Switch = NonNullable<MiscMessage['switchDisplay']>;

export class Displays {
  list: readonly Display[];
  shown: readonly number[];

  constructor(info: PeerInfoMessage) {
    const current = info.currentDisplay;
    const sizes = info.resolutions?.resolutions ?? [];
    this.list = info.displays.map((d, i) =>
      display(d, i === current ? sizes : []));
    this.shown = this.list.length === 0 ? []
      : [this.list[current] ? current : 0];
  }

  // The device has told where a display is: the truth from now on.
  switched(s: Switch): void {
    const old = this.list[s.display];
    if (old === undefined)
      return;
    const list = [...this.list];
    list[s.display] = {
      ...old, x: s.x, y: s.y, width: side(s.width), height: side(s.height),
      cursorEmbedded: s.cursorEmbedded, original: s.originalResolution,
      resolutions: s.resolutions?.resolutions ?? old.resolutions,
    };
    this.list = list;
  }

  // The list of displays changed during the session.
  changed(info: PeerInfoMessage): void {
    this.list = info.displays.map((d, i) =>
      display(d, this.list[i]?.resolutions ?? []));
    const shown = this.shown.filter((i) => i < this.list.length);
    this.shown = shown.length > 0 || this.list.length === 0 ? shown : [0];
  }

  show(displays: readonly number[]): boolean {
    const valid = displays.filter((i) => this.list[i] !== undefined);
    if (valid.length === 0)
      return false;
    this.shown = valid;
    return true;
  }

  // What is shown, as a rectangle of the virtual desktop.
  get bounds(): Rect {
    const rects = this.shown.flatMap((i) => this.list[i] ?? []);
    if (rects.length === 0)
      return { x: 0, y: 0, width: 1, height: 1 };
    const x = Math.min(...rects.map((r) => r.x));
    const y = Math.min(...rects.map((r) => r.y));
    return {
      x, y,
      width: side(Math.max(...rects.map((r) => r.x + r.width)) - x),
      height: side(Math.max(...rects.map((r) => r.y + r.height)) - y),
    };
  }

  // Where the display's picture belongs in the canvas, in its pixels.
  place(index: number): Rect | undefined {
    const d = this.shown.includes(index) ? this.list[index] : undefined;
    if (d === undefined)
      return undefined;
    const { x, y } = this.bounds;
    return { x: d.x - x, y: d.y - y, width: d.width, height: d.height };
  }

  // A place of the shown picture, 0 to 1 each way, on the device. Between
  // the displays there is nothing: the nearest one takes it.
  toDevice(fx: number, fy: number): { x: number; y: number } {
    const b = this.bounds;
    const x = b.x + Math.round(fx * b.width);
    const y = b.y + Math.round(fy * b.height);
    let best = { x: b.x, y: b.y };
    let distance = Infinity;
    for (const i of this.shown) {
      const r = this.list[i];
      if (r === undefined)
        continue;
      const at = {
        x: Math.max(r.x, Math.min(r.x + r.width - 1, x)),
        y: Math.max(r.y, Math.min(r.y + r.height - 1, y)),
      };
      const d = Math.hypot(at.x - x, at.y - y);
      if (d < distance) {
        distance = d;
        best = at;
      }
    }
    return best;
  }
}
