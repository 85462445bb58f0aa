// Fingers on a screen. "touch": a tap clicks where it is. "touchpad": a drag
// moves the pointer from where it stands, a tap clicks there. In both, two
// fingers scroll or, moving apart, zoom our own view; two fingers tapped are
// a right click; a long press holds the left button.

const TAP_WITHIN = 250;         // ms
const LONG_PRESS = 500;
const SLOP = 10;                // CSS pixels that a resting finger may move
const PINCH = 24;               // CSS pixels of distance that make it a zoom
const SPEED = 1.4;              // of the pointer, against the finger

export type TouchMode = 'touchpad' | 'touch';

export type TouchAction =
  | { readonly do: 'move-to'; readonly x: number; readonly y: number }
  | { readonly do: 'move-by'; readonly dx: number; readonly dy: number }
  | { readonly do: 'button'; readonly button: 0 | 2; readonly down: boolean }
  | { readonly do: 'scroll'; readonly dx: number; readonly dy: number }
  | { readonly do: 'zoom'; readonly factor: number;
    readonly x: number; readonly y: number };

interface Finger { x: number; y: number }

type Doing = 'nothing' | 'resting' | 'moving' | 'dragging' | 'two' | 'scroll'
  | 'zoom';

export class Touch {
  private readonly fingers = new Map<number, Finger>();
  private doing: Doing = 'nothing';
  private began = 0;
  private start: Finger = { x: 0, y: 0 };
  private distance = 0;

  constructor(public mode: TouchMode) {}

  down(id: number, x: number, y: number, now: number): TouchAction[] {
    this.fingers.set(id, { x, y });
    const out = this.letGo();
    if (this.fingers.size === 1) {
      this.doing = 'resting';
      this.began = now;
      this.start = { x, y };
    } else if (this.fingers.size === 2) {
      this.doing = 'two';
      this.distance = this.spread();
      this.start = this.middle();
    } else {
      this.doing = 'nothing';
    }
    return out;
  }

  move(id: number, x: number, y: number, now: number): TouchAction[] {
    const finger = this.fingers.get(id);
    if (finger === undefined)
      return [];
    const dx = x - finger.x;
    const dy = y - finger.y;
    const before = this.fingers.size === 2 ? this.middle() : finger;
    finger.x = x;
    finger.y = y;
    return this.fingers.size === 1 ? this.moveOne(x, y, dx, dy, now)
      : this.fingers.size === 2 ? this.moveTwo(before) : [];
  }

  private moveOne(x: number, y: number, dx: number, dy: number, now: number):
  TouchAction[] {
    const out = this.tick(now);
    if (this.doing === 'resting') {
      if (Math.hypot(x - this.start.x, y - this.start.y) <= SLOP)
        return out;
      this.doing = 'moving';
      if (this.mode === 'touch') {
        // A drag on the picture begins where the finger went down.
        out.push({ do: 'move-to', ...this.start },
          { do: 'button', button: 0, down: true });
        this.doing = 'dragging';
      }
    }
    if (this.doing !== 'moving' && this.doing !== 'dragging')
      return out;
    out.push(this.mode === 'touch' ? { do: 'move-to', x, y }
      : { do: 'move-by', dx: dx * SPEED, dy: dy * SPEED });
    return out;
  }

  private moveTwo(before: Finger): TouchAction[] {
    const middle = this.middle();
    const spread = this.spread();
    if (this.doing === 'two') {
      if (Math.abs(spread - this.distance) > PINCH)
        this.doing = 'zoom';
      else if (Math.hypot(middle.x - this.start.x, middle.y - this.start.y)
          > SLOP)
        this.doing = 'scroll';
    }
    if (this.doing === 'scroll')
      return [{
        do: 'scroll', dx: before.x - middle.x, dy: before.y - middle.y,
      }];
    if (this.doing !== 'zoom' || this.distance === 0)
      return [];
    const factor = spread / this.distance;
    this.distance = spread;
    return [{ do: 'zoom', factor, x: middle.x, y: middle.y }];
  }

  up(id: number, now: number): TouchAction[] {
    const finger = this.fingers.get(id);
    if (finger === undefined)
      return [];
    const out = this.tick(now);
    this.fingers.delete(id);
    const doing = this.doing;
    if (this.fingers.size > 0)
      return out;             // the last finger decides
    this.doing = 'nothing';
    if (doing === 'dragging')
      out.push({ do: 'button', button: 0, down: false });
    else if (now - this.began <= TAP_WITHIN
        && (doing === 'resting' || doing === 'two'))
      out.push(...this.click(doing === 'two' ? 2 : 0, finger));
    return out;
  }

  // The finger has rested long enough to hold the button.
  tick(now: number): TouchAction[] {
    if (this.doing !== 'resting' || now - this.began < LONG_PRESS)
      return [];
    this.doing = 'dragging';
    const press: TouchAction = { do: 'button', button: 0, down: true };
    return this.mode === 'touch'
      ? [{ do: 'move-to', ...this.start }, press] : [press];
  }

  cancel(): TouchAction[] {
    this.fingers.clear();
    const out = this.letGo();
    this.doing = 'nothing';
    return out;
  }

  private letGo(): TouchAction[] {
    return this.doing === 'dragging'
      ? [{ do: 'button', button: 0, down: false }] : [];
  }

  private click(button: 0 | 2, at: Finger): TouchAction[] {
    const place: TouchAction[] = this.mode === 'touch'
      ? [{ do: 'move-to', x: at.x, y: at.y }] : [];
    return [
      ...place, { do: 'button', button, down: true },
      { do: 'button', button, down: false },
    ];
  }

  private middle(): Finger {
    const [a, b] = [...this.fingers.values()];
    return a === undefined || b === undefined ? { x: 0, y: 0 }
      : { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  private spread(): number {
    const [a, b] = [...this.fingers.values()];
    return a === undefined || b === undefined ? 0
      : Math.hypot(a.x - b.x, a.y - b.y);
  }
}
