// Pointer, buttons and wheel. Places are those of the device's virtual
// desktop.
import { CONTROL_KEY } from './keys.js';
import type { MouseEventInit } from './message.js';

const MOVE = 0;
const DOWN = 1;
const UP = 2;
const WHEEL = 3;
const TOUCHPAD = 4;
const RELATIVE = 5;

const MOVE_EVERY = 8;           // ms
const NOTCH_PIXELS = 100;
const NOTCH_LINES = 3;
const RELATIVE_MAX = 10_000;

// MouseEvent.button of a browser, in its order.
const BUTTON: readonly (number | undefined)[] = [1, 4, 2, 8, 16];

export interface Held {
  readonly alt: boolean;
  readonly control: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
}

export function modifiers(h: Held): number[] {
  return [
    ...(h.alt ? [CONTROL_KEY.Alt] : []),
    ...(h.control ? [CONTROL_KEY.Control] : []),
    ...(h.shift ? [CONTROL_KEY.Shift] : []),
    ...(h.meta ? [CONTROL_KEY.Meta] : []),
  ];
}

export class Mouse {
  private sentAt = -MOVE_EVERY;
  private waiting: { x: number; y: number } | undefined;
  private readonly pressed = new Set<number>();
  private wheelX = 0;
  private wheelY = 0;

  move(x: number, y: number, now: number): MouseEventInit[] {
    this.waiting = { x, y };
    return now - this.sentAt >= MOVE_EVERY ? this.flush(now) : [];
  }

  // The last place that is still to be told; call it MOVE_EVERY after a move
  // that returned nothing.
  flush(now: number): MouseEventInit[] {
    const at = this.waiting;
    if (at === undefined)
      return [];
    this.waiting = undefined;
    this.sentAt = now;
    return [{ mask: MOVE, ...at }];
  }

  // HELD: modifier keys, where the keyboard does not tell them (Legacy).
  button(index: number, down: boolean, x: number, y: number, now: number,
    held: readonly number[] = []): MouseEventInit[] {
    const button = BUTTON[index];
    if (button === undefined || this.pressed.has(button) === down)
      return [];
    if (down)
      this.pressed.add(button);
    else
      this.pressed.delete(button);
    this.waiting = { x, y };
    return [
      ...this.flush(now),
      { mask: (down ? DOWN : UP) | button << 3, modifiers: held },
    ];
  }

  releaseAll(): MouseEventInit[] {
    const all = [...this.pressed];
    this.pressed.clear();
    return all.map((button) => ({ mask: UP | button << 3 }));
  }

  // A browser's wheel event; `mode`: deltaMode.
  wheel(deltaX: number, deltaY: number, mode: number): MouseEventInit[] {
    if (!Number.isFinite(deltaX) || !Number.isFinite(deltaY))
      return [];
    const notch = mode === 0 ? NOTCH_PIXELS : mode === 1 ? NOTCH_LINES : 1;
    if (Math.abs(deltaX) > Math.abs(deltaY)) {
      this.wheelX += deltaX / notch;
      this.wheelY = 0;
    } else {
      this.wheelY += deltaY / notch;
      this.wheelX = 0;
    }
    const x = Math.trunc(this.wheelX);
    const y = Math.trunc(this.wheelY);
    this.wheelX -= x;
    this.wheelY -= y;
    const count = Math.min(20, Math.max(Math.abs(x), Math.abs(y)));
    return Array.from({ length: count }, () =>
      ({ mask: WHEEL, x: -Math.sign(x), y: -Math.sign(y) }));
  }
}

const clamp = (n: number) =>
  Math.max(-RELATIVE_MAX, Math.min(RELATIVE_MAX, Math.round(n)));

// For a captured pointer, devices from 1.4.5 on.
export function relative(dx: number, dy: number): MouseEventInit[] {
  const x = clamp(dx);
  const y = clamp(dy);
  return x === 0 && y === 0 ? [] : [{ mask: RELATIVE, x, y }];
}

// Fine scrolling: pixels on Mac OS, 1/120 of a notch on Windows, where other
// platforms know notches only.
export function touchpad(platform: string, dx: number, dy: number):
MouseEventInit[] {
  const scale = platform === 'Mac OS' ? 1
    : platform === 'Windows' ? 120 / NOTCH_PIXELS : undefined;
  if (scale === undefined)
    return [];
  const x = clamp(-dx * scale);
  const y = clamp(-dy * scale);
  return x === 0 && y === 0 ? [] : [{ mask: TOUCHPAD, x, y }];
}
