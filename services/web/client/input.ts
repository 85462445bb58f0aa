// Pointer, fingers and keys of the page to the worker. Places are told as
// parts of the shown picture, measured at each event.
import { modifiers } from '../protocol/mouse';
import { Touch } from '../protocol/touch';
import type { TouchAction, TouchMode } from '../protocol/touch';
import type { Key } from '../protocol/keyboard';
import type { Content } from '../protocol/clipboard';
import type { Place } from './messages';
import type { Remote } from './remote';

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const COMPOSING = 229;

export interface InputOptions {
  stage: HTMLElement;
  canvas: HTMLCanvasElement;
  keys: HTMLTextAreaElement;
  remote: Remote;
  touchMode(): TouchMode;
  letterbox(): boolean;           // the picture keeps its ratio
  zoom(factor: number, x: number, y: number): void;
  escape(): void;                 // the user wants the keyboard back
}

export class Input {
  private readonly stop = new AbortController();
  private readonly touch: Touch;
  private timer: ReturnType<typeof setInterval> | undefined;
  private pasting: Key | undefined;
  private composing = false;

  constructor(private readonly o: InputOptions) {
    this.touch = new Touch(o.touchMode());
    this.pointers();
    this.keyboard();
    o.remote.tell({ do: 'key-mode', mode: 'map', mac: isMac });
  }

  detach(): void {
    this.stop.abort();
    clearInterval(this.timer);
    this.o.remote.tell({ do: 'release' });
  }

  private on<K extends keyof HTMLElementEventMap>(
    target: EventTarget, type: K, run: (e: HTMLElementEventMap[K]) => void,
    passive = false): void {
    target.addEventListener(type, run as EventListener,
      { signal: this.stop.signal, passive });
  }

  // Where in the picture, 0 to 1 each way and beyond.
  private place(x: number, y: number): Place {
    const r = this.o.canvas.getBoundingClientRect();
    const { width, height } = this.o.remote.size.value;
    if (!this.o.letterbox() || !width || !height)
      return { fx: (x - r.left) / r.width, fy: (y - r.top) / r.height };
    const scale = Math.min(r.width / width, r.height / height);
    const w = width * scale;
    const h = height * scale;
    return {
      fx: (x - r.left - (r.width - w) / 2) / w,
      fy: (y - r.top - (r.height - h) / 2) / h,
    };
  }

  // --- pointers -------------------------------------------------------------

  private pointers(): void {
    const { stage, remote, keys } = this.o;
    this.on(stage, 'pointerdown', (e) => {
      if (e.pointerType === 'touch')
        return this.fingers(this.touchAt(e, 'down'));
      e.preventDefault();
      keys.focus({ preventScroll: true });
      stage.setPointerCapture(e.pointerId);
      this.button(e, true);
    });
    this.on(stage, 'pointermove', (e) => {
      if (e.pointerType === 'touch')
        return this.fingers(this.touchAt(e, 'move'));
      if (document.pointerLockElement === stage)
        remote.tell({ do: 'relative', dx: e.movementX, dy: e.movementY });
      else
        remote.tell({ do: 'move', at: this.place(e.clientX, e.clientY) });
    });
    this.on(stage, 'pointerup', (e) => {
      if (e.pointerType === 'touch')
        this.fingers(this.touchAt(e, 'up'));
      else
        this.button(e, false);
    });
    this.on(stage, 'pointercancel', () => this.release());
    this.on(stage, 'lostpointercapture', (e) => {
      if (e.buttons === 0)
        remote.tell({ do: 'release' });
    });
    this.on(stage, 'wheel', (e) => {
      e.preventDefault();
      remote.tell({
        do: 'wheel', dx: e.deltaX, dy: e.deltaY, mode: e.deltaMode,
      });
    });
    for (const type of ['contextmenu', 'auxclick', 'dragstart'] as const)
      this.on(stage, type, (e) => e.preventDefault());
    this.timer = setInterval(
      () => this.fingers(this.touch.tick(performance.now())), 50);
  }

  // A second button pressed while one is held comes as a move.
  private button(e: PointerEvent, down: boolean): void {
    const held = modifiers({
      alt: e.altKey, control: e.ctrlKey, shift: e.shiftKey, meta: e.metaKey,
    });
    const locked = document.pointerLockElement === this.o.stage;
    this.o.remote.tell({
      do: 'button', button: e.button, down, held,
      at: locked ? undefined : this.place(e.clientX, e.clientY),
    });
  }

  private touchAt(e: PointerEvent, what: 'down' | 'move' | 'up'):
  TouchAction[] {
    e.preventDefault();
    this.touch.mode = this.o.touchMode();
    const now = performance.now();
    return what === 'up' ? this.touch.up(e.pointerId, now)
      : this.touch[what](e.pointerId, e.clientX, e.clientY, now);
  }

  private fingers(actions: readonly TouchAction[]): void {
    const { remote, canvas } = this.o;
    const { width } = remote.size.value;
    const ratio = width / (canvas.getBoundingClientRect().width || 1);
    for (const a of actions)
      switch (a.do) {
        case 'move-to':
          remote.tell({ do: 'move', at: this.place(a.x, a.y) });
          break;
        case 'move-by':
          remote.tell({ do: 'move-by', dx: a.dx * ratio, dy: a.dy * ratio });
          break;
        case 'button':
          remote.tell({
            do: 'button', button: a.button, down: a.down, at: undefined,
            held: [],
          });
          break;
        case 'scroll':
          remote.tell({ do: 'wheel', dx: a.dx * 2, dy: a.dy * 2, mode: 0 });
          break;
        case 'zoom': this.o.zoom(a.factor, a.x, a.y); break;
      }
  }

  private release(): void {
    this.fingers(this.touch.cancel());
    this.o.remote.tell({ do: 'release' });
  }

  // --- keys -----------------------------------------------------------------

  private keyboard(): void {
    const { keys } = this.o;
    this.on(keys, 'keydown', (e) => this.key(e, true));
    this.on(keys, 'keyup', (e) => this.key(e, false));
    this.on(keys, 'blur', () => this.release());
    this.on(window, 'blur', () => this.release());
    this.on(document, 'visibilitychange' as 'blur', () => this.release());
    this.on(keys, 'compositionstart', () => { this.composing = true; });
    this.on(keys, 'compositionend', (e) => {
      this.composing = false;
      if (e.data)
        this.o.remote.tell({ do: 'text', text: e.data });
      keys.value = '';
    });
    this.on(keys, 'beforeinput', (e) => this.soft(e));
    this.on(keys, 'input', () => {
      if (!this.composing)
        keys.value = '';
    });
    this.on(keys, 'paste', (e) => void this.paste(e));
  }

  private key(e: KeyboardEvent, down: boolean): void {
    if (down && e.code === 'Escape' && e.ctrlKey && e.altKey && e.shiftKey) {
      e.preventDefault();
      this.release();
      this.o.escape();
      return;
    }
    // What an input method or a phone's keyboard makes comes as text.
    if (e.isComposing || e.keyCode === COMPOSING || e.code === '')
      return;
    const key: Key = {
      code: e.code, key: e.key, time: e.timeStamp, alt: e.altKey,
      control: e.ctrlKey, shift: e.shiftKey, meta: e.metaKey,
      capsLock: e.getModifierState('CapsLock'),
      numLock: e.getModifierState('NumLock'),
    };
    if (down && e.code === 'KeyV' && (e.ctrlKey || e.metaKey) && !e.altKey
        && !e.repeat) {
      this.pasting = key;       // the clipboard goes first, then the key
      setTimeout(() => this.pasted(), 150);
      return;
    }
    e.preventDefault();
    this.o.remote.tell({ do: 'key', down, key });
  }

  private pasted(): void {
    const key = this.pasting;
    this.pasting = undefined;
    if (!key)
      return;
    this.o.remote.tell({ do: 'key', down: true, key });
    this.o.remote.tell({ do: 'key', down: false, key });
  }

  private async paste(e: ClipboardEvent): Promise<void> {
    e.preventDefault();
    if (e.clipboardData && this.o.remote.permissions.value.clipboard) {
      const content = await read(e.clipboardData);
      this.o.remote.tell({ do: 'clipboard', content });
    }
    this.pasted();
  }

  // Keys of a phone that have no code of their own.
  private soft(e: InputEvent): void {
    const { remote } = this.o;
    if (this.composing || e.isComposing)
      return;
    e.preventDefault();
    if (e.inputType === 'insertText' && e.data)
      remote.tell({ do: 'text', text: e.data });
    else if (e.inputType === 'insertLineBreak'
        || e.inputType === 'insertParagraph')
      remote.tell({ do: 'combination', key: 'Return', held: [] });
    else if (e.inputType === 'deleteContentBackward')
      remote.tell({ do: 'combination', key: 'Backspace', held: [] });
  }
}

async function read(data: DataTransfer): Promise<Content> {
  const text = data.getData('text/plain');
  const html = data.getData('text/html');
  const image = [...data.items].find((i) => i.type === 'image/png');
  const file = image?.getAsFile();
  const png = file ? new Uint8Array(await file.arrayBuffer()) : undefined;
  return {
    ...(text && { text }), ...(html && { html }), ...(png && { png }),
  };
}
