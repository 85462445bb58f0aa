// From the browser's key events to the device's. Map: positions, the layout
// of the device decides the letter. Legacy: names and characters, for
// devices that do not know positions. Text: whole strings.
import { CONTROL_KEY, namedKey, positionCode } from './keys.js';
import type { KeyPlatform } from './keys.js';
import type { KeyEventInit } from './message.js';

const LEGACY = 0;
const MAP = 1;
const MAX_TEXT = 4096;          // code points of one event

export interface Key {
  readonly code: string;        // KeyboardEvent.code
  readonly key: string;         // KeyboardEvent.key
  readonly time: number;        // timeStamp: AltGr is two events of one time
  readonly alt: boolean;
  readonly control: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
  readonly capsLock: boolean;
  readonly numLock: boolean;
}

export type KeyMode = 'map' | 'legacy';

const LETTER = /^Key[A-Z]$/;
const NUMPAD = /^Numpad(\d|Decimal)$/;
const MODIFIER = /^(Alt|Control|Shift|Meta)(Left|Right)$/;

export class Keyboard {
  private readonly held = new Map<string, Key>();
  private control: Key | undefined;   // ControlLeft, perhaps part of AltGr

  constructor(private readonly platform: string, public mode: KeyMode,
    private readonly macHost: boolean, private readonly iso = false) {}

  down(k: Key): KeyEventInit[] {
    const out: KeyEventInit[] = [];
    if (k.code === 'AltRight' && this.control?.time === k.time) {
      out.push(...this.release(this.control));
      this.control = undefined;
    }
    if (k.code === 'ControlLeft')
      this.control = this.held.has(k.code) ? undefined : k;
    const event = this.event(k, true);
    if (event === undefined)
      return out;
    this.held.set(k.code, k);
    return [...out, event];
  }

  up(k: Key): KeyEventInit[] {
    // macOS tells of no key that is let go while Meta is down.
    if (this.macHost && k.code.startsWith('Meta'))
      return this.releaseAll();
    return this.held.has(k.code) ? this.release(k) : [];
  }

  releaseAll(): KeyEventInit[] {
    return [...this.held.values()].flatMap((k) => this.release(k));
  }

  private release(k: Key): KeyEventInit[] {
    this.held.delete(k.code);
    const event = this.event(k, false);
    return event === undefined ? [] : [event];
  }

  private event(k: Key, down: boolean): KeyEventInit | undefined {
    return this.mode === 'map' ? this.mapped(k, down) : legacy(k, down);
  }

  private mapped(k: Key, down: boolean): KeyEventInit | undefined {
    const chr = positionCode(this.platform as KeyPlatform, k.code, this.iso);
    if (chr === undefined)
      return undefined;
    const modifiers = k.capsLock && LETTER.test(k.code)
      ? [CONTROL_KEY.CapsLock]
      : k.numLock && NUMPAD.test(k.code) ? [CONTROL_KEY.NumLock] : [];
    return { down, chr, modifiers, mode: MAP };
  }
}

function held(k: Key): number[] {
  const all: [boolean, string, number][] = [
    [k.alt, 'Alt', CONTROL_KEY.Alt], [k.control, 'Control', CONTROL_KEY.Control],
    [k.shift, 'Shift', CONTROL_KEY.Shift], [k.meta, 'Meta', CONTROL_KEY.Meta],
  ];
  return all.filter(([on, name]) => on && !k.code.startsWith(name))
    .map(([, , number]) => number);
}

function legacy(k: Key, down: boolean): KeyEventInit | undefined {
  const controlKey = namedKey(k.code);
  const modifiers = held(k);
  if (controlKey !== undefined)
    return { down, controlKey, modifiers, mode: LEGACY };
  if ([...k.key].length !== 1 || MODIFIER.test(k.code))
    return undefined;
  // Devices type the character as it is told, whatever Shift does; only
  // what is held with it makes it a key again.
  const hot = k.control || k.alt || k.meta;
  const chr = (hot ? k.key.toLowerCase() : k.key).codePointAt(0);
  return chr === undefined ? undefined
    : { down, chr, modifiers, mode: LEGACY };
}

// "Type this": what an input method or a phone's keyboard has made.
export function typed(text: string): KeyEventInit[] {
  const points = [...text];
  const out: KeyEventInit[] = [];
  for (let i = 0; i < points.length; i += MAX_TEXT)
    out.push({ seq: points.slice(i, i + MAX_TEXT).join('') });
  return out;
}

// One named key, pressed and let go, with others held: the menu of
// combinations. Understood by every device.
export function combination(key: keyof typeof CONTROL_KEY,
  ...modifiers: (keyof typeof CONTROL_KEY)[]): KeyEventInit {
  return {
    press: true, controlKey: CONTROL_KEY[key],
    modifiers: modifiers.map((m) => CONTROL_KEY[m]),
  };
}

export function characterCombination(chr: string,
  ...modifiers: (keyof typeof CONTROL_KEY)[]): KeyEventInit {
  return {
    press: true, chr: chr.codePointAt(0),
    modifiers: modifiers.map((m) => CONTROL_KEY[m]),
  };
}

export function ctrlAltDel(platform: string): KeyEventInit {
  return platform === 'Windows'
    ? { down: true, controlKey: CONTROL_KEY.CtrlAltDel }
    : {
      down: true, controlKey: CONTROL_KEY.Delete,
      modifiers: [CONTROL_KEY.Alt, CONTROL_KEY.Control],
    };
}

export const lockScreen = (): KeyEventInit =>
  ({ down: true, controlKey: CONTROL_KEY.LockScreen });
