// The desktop or the camera of a device: pictures, pointer, keyboard,
// clipboard, sound and the rest, over one link.
import { ClipboardSync } from '../../protocol/clipboard';
import * as controls from '../../protocol/controls';
import { Cursors } from '../../protocol/cursor';
import type { Cursor } from '../../protocol/cursor';
import { Displays } from '../../protocol/displays';
import {
  characterCombination, combination, ctrlAltDel, Keyboard, lockScreen, typed,
} from '../../protocol/keyboard';
import { CONTROL_KEY } from '../../protocol/keys';
import type { ControlKey } from '../../protocol/keys';
import type {
  KeyEventInit, MiscMessage, MouseEventInit, Option, PeerInfoMessage,
  PeerMessage,
} from '../../protocol/message';
import { Mouse, relative } from '../../protocol/mouse';
import type { Peer } from '../../protocol/peer';
import { CODECS, supportedDecoding } from '../../protocol/video';
import type { Abilities, Codec } from '../../protocol/video';
import type { FromWorker, Place, ToWorker, View } from '../messages';
import { abilities } from './abilities';
import type { Link } from './link';
import { Screen } from './screen';
import { Sound } from './sound';
import { Voice } from './voice';

const HIDDEN_SLOW = 10_000;     // ms until a hidden page asks for less
const MAX_CURSOR = 64;          // CSS pixels that every browser shows

export class Desktop {
  readonly screen: Screen;
  readonly sound: Sound;
  private readonly voice: Voice;
  private displays: Displays | undefined;
  private wanted: readonly number[] | undefined;
  private peer: Peer | undefined;
  private keyboard = new Keyboard('Windows', 'map', false);
  private readonly mouse = new Mouse();
  private pointer = { x: 0, y: 0 };
  private readonly cursors = new Cursors();
  private readonly clipboard = new ClipboardSync();
  private unusable = new Set<Codec>();
  private encodes: PeerInfoMessage['encoding'];
  private hiddenAt: number | undefined;
  private slowed = false;
  private macHost = false;
  private wantedMode: 'map' | 'legacy' | undefined;
  private received = 0;
  private drawn = 0;

  constructor(private readonly link: Link, private view: View,
    private readonly say: (m: FromWorker, transfer?: Transferable[]) => void) {
    this.screen = new Screen({
      refresh: (display) => this.link.post(controls.refresh(display)),
      backlog: (frames) => this.link.backlog(frames),
      first: () => this.say({ say: 'step', step: 'live' }),
      unusable: (codec) => void this.without(codec),
    }, () => this.displays);
    this.sound = new Sound(
      (format) => this.say({ say: 'sound', ...format }));
    this.sound.muted = view.muted;
    this.voice = new Voice(link, say);
    setInterval(() => this.second(), 1000);
    setInterval(() => this.mice(this.mouse.flush(performance.now())), 8);
  }

  // --- options --------------------------------------------------------------

  private async usable(): Promise<Abilities> {
    const all = { ...await abilities() };
    for (const codec of this.unusable)
      all[codec] = { plain: false, full: false };
    // Every device encodes VP9.
    this.say({
      say: 'codecs', codecs: CODECS.filter((c) => all[c].plain
        && (c === 'vp9' || this.encodes?.[c])),
    });
    return all;
  }

  static async option(view: View, can: Abilities): Promise<Option> {
    const { quality, codec } = view;
    return {
      ...(typeof quality === 'number' ? controls.customQuality(quality)
        : controls.quality(quality)),
      ...controls.frameRate(view.fps),
      supportedDecoding: supportedDecoding(can,
        codec === 'auto' ? undefined : codec, view.fullColour),
      ...(view.viewOnly ? controls.viewOnly(true) : {}),
      ...(view.showCursor || view.viewOnly
        ? { showRemoteCursor: controls.YES } : {}),
      disableAudio: controls.flag(view.muted),
      followRemoteCursor: controls.flag(view.follow),
    };
  }

  async option(): Promise<Option> {
    return Desktop.option(this.view, await this.usable());
  }

  private async without(codec: Codec): Promise<void> {
    this.unusable.add(codec);
    this.link.post(controls.option(await this.option()),
      controls.refreshAll());
  }

  private async setView(view: View): Promise<void> {
    const viewed = this.view.viewOnly;
    this.view = view;
    this.sound.muted = view.muted;
    const option = await this.option();
    this.link.post(controls.option({
      ...option, showRemoteCursor: controls.flag(view.showCursor
        || view.viewOnly),
      ...(viewed && !view.viewOnly ? controls.viewOnly(false) : {}),
    }));
  }

  // --- from the device ------------------------------------------------------

  ready(peer: Peer, info: PeerInfoMessage): void {
    this.peer = peer;
    this.displays = new Displays(info);
    this.setKeyboard();
    if (this.wanted && this.displays.show(this.wanted))
      this.capture();
    this.announce();
    this.encoding(info.encoding);
    this.say({ say: 'step', step: 'picture' });
  }

  private encoding(of: PeerInfoMessage['encoding']): void {
    this.encodes = of;
    void this.usable();
  }

  private setKeyboard(): void {
    const mode = this.peer?.mapKeyboard
      ? this.wantedMode ?? 'map' : 'legacy';
    this.keyboard = new Keyboard(this.peer?.platform ?? '', mode,
      this.macHost);
  }

  private announce(): void {
    const d = this.displays;
    if (!d)
      return;
    this.screen.layout();
    const { width, height } = d.bounds;
    this.say({
      say: 'displays', list: d.list, shown: d.shown, size: { width, height },
    });
  }

  lost(): void {
    this.screen.reset();
    this.voice.lost();
    this.keyboard.releaseAll();
    this.mouse.releaseAll();
  }

  message(m: PeerMessage): void {
    const now = Date.now();
    if (m.videoFrame)
      this.screen.feed(m.videoFrame, now);
    else if (m.audioFrame)
      this.sound.packet(m.audioFrame.data);
    else if (m.voiceCallRequest || m.voiceCallResponse)
      this.voice.message(m);
    else if (m.cursorData)
      this.cursor(this.cursors.add(m.cursorData));
    else if (m.cursorId !== undefined)
      this.cursorById(m.cursorId);
    else if (m.cursorPosition)
      this.remotePointer(m.cursorPosition);
    else if (m.multiClipboards)
      this.copied(m.multiClipboards.clipboards);
    else if (m.clipboard)
      this.copied([m.clipboard]);
    else if (m.peerInfo) {
      this.displays?.changed(m.peerInfo);
      this.announce();
    } else if (m.misc)
      this.misc(m.misc, now);
    else if (m.messageBox)
      this.say({
        say: 'message-box', title: m.messageBox.title.slice(0, 200),
        text: m.messageBox.text.slice(0, 2000),
      });
    else if (m.screenshotResponse)
      this.say({
        say: 'screenshot', png: m.screenshotResponse.data.slice(),
        error: m.screenshotResponse.msg.slice(0, 500),
      });
  }

  private misc(m: MiscMessage, now: number): void {
    if (m.switchDisplay) {
      this.displays?.switched(m.switchDisplay);
      this.screen.restart(m.switchDisplay.display, now);
      this.announce();
    } else if (m.followCurrentDisplay !== undefined) {
      if (this.displays?.show([m.followCurrentDisplay]))
        this.announce();
    } else if (m.audioFormat)
      void this.sound.configure(m.audioFormat);
    else if (m.chatMessage)
      this.say({ say: 'chat', text: m.chatMessage.text.slice(0, 10_000) });
    else if (m.backNotification)
      this.notified(m.backNotification);
    else if (m.supportedEncoding)
      this.encoding(m.supportedEncoding);
    else if (m.uac !== undefined || m.foregroundWindowElevated !== undefined)
      this.say({
        say: 'elevation',
        needed: m.uac === true || m.foregroundWindowElevated === true,
      });
    else if (m.portableServiceRunning)
      this.say({ say: 'elevation', needed: false });
    else if (m.elevationResponse !== undefined)
      this.say({
        say: 'elevation-answer', text: m.elevationResponse.slice(0, 500),
      });
  }

  private notified(n: NonNullable<MiscMessage['backNotification']>): void {
    const privacy = controls.privacyState(n.privacyModeState ?? 0);
    const blocked = controls.blockState(n.blockInputState ?? 0);
    if (privacy)
      this.say({
        say: 'privacy', state: privacy, details: n.details.slice(0, 500),
      });
    if (blocked)
      this.say({ say: 'blocked', state: blocked });
  }

  private copied(all: Parameters<ClipboardSync['received']>[0]): void {
    const content = this.clipboard.received(all);
    if (content && !this.view.viewOnly)
      this.say({ say: 'clipboard', content });
  }

  // --- pointer shapes -------------------------------------------------------

  private cursorById(id: bigint): void {
    const known = this.cursors.get(id);
    if (known)
      void this.cursor(known);
    else
      this.link.post({ misc: { requestCursorData: id } });
  }

  private async cursor(c: Cursor | undefined): Promise<void> {
    if (!c)
      return;
    const scale = Math.min(1, MAX_CURSOR / Math.max(c.width, c.height));
    const full = new OffscreenCanvas(c.width, c.height);
    full.getContext('2d')?.putImageData(
      new ImageData(c.rgba, c.width, c.height), 0, 0);
    const width = Math.max(1, Math.round(c.width * scale));
    const height = Math.max(1, Math.round(c.height * scale));
    const small = new OffscreenCanvas(width, height);
    small.getContext('2d')?.drawImage(full, 0, 0, width, height);
    const image = await small.convertToBlob({ type: 'image/png' });
    this.say({
      say: 'cursor', image, width, height,
      hotX: Math.round(c.hotX * scale), hotY: Math.round(c.hotY * scale),
    });
  }

  private remotePointer(at: { x: number; y: number }): void {
    this.pointer = at;
    this.tellPointer(true);
  }

  private tellPointer(remote: boolean): void {
    const b = this.displays?.bounds;
    if (b)
      this.say({
        say: 'pointer', remote, at: {
          fx: (this.pointer.x - b.x) / b.width,
          fy: (this.pointer.y - b.y) / b.height,
        },
      });
  }

  // --- to the device --------------------------------------------------------

  private mice(events: readonly MouseEventInit[]): void {
    if (!this.view.viewOnly)
      for (const mouseEvent of events)
        this.link.post({ mouseEvent });
  }

  private keys(events: readonly KeyEventInit[]): void {
    if (!this.view.viewOnly)
      for (const keyEvent of events)
        this.link.post({ keyEvent });
  }

  private at(place: Place | undefined): { x: number; y: number } {
    if (place && this.displays)
      this.pointer = this.displays.toDevice(place.fx, place.fy);
    return this.pointer;
  }

  private moveBy(dx: number, dy: number): void {
    const b = this.displays?.bounds;
    if (!b || !this.displays)
      return;
    this.pointer = this.displays.toDevice(
      (this.pointer.x - b.x + dx) / b.width,
      (this.pointer.y - b.y + dy) / b.height);
    const { x, y } = this.pointer;
    this.mice(this.mouse.move(x, y, performance.now()));
    this.tellPointer(false);
  }

  private capture(): void {
    const shown = this.displays?.shown ?? [];
    const [only] = shown;
    if (shown.length === 1 && only !== undefined)
      this.link.post(...controls.showDisplay(only));
    else
      this.link.post(controls.showDisplays(shown));
  }

  // Input that the user makes; false: not for us.
  input(m: ToWorker): boolean {
    const now = performance.now();
    switch (m.do) {
      case 'move': {
        const { x, y } = this.at(m.at);
        this.mice(this.mouse.move(x, y, now));
        return true;
      }
      case 'move-by': this.moveBy(m.dx, m.dy); return true;
      case 'button': {
        const { x, y } = this.at(m.at);
        const held = this.keyboard.mode === 'legacy' ? m.held : [];
        this.mice(this.mouse.button(m.button, m.down, x, y, now, held));
        return true;
      }
      case 'wheel': this.mice(this.mouse.wheel(m.dx, m.dy, m.mode)); return true;
      case 'relative':
        if (this.peer?.relativeMouse)
          this.mice(relative(m.dx, m.dy));
        return true;
      case 'key':
        this.keys(m.down ? this.keyboard.down(m.key) : this.keyboard.up(m.key));
        return true;
      case 'key-mode':
        this.keys(this.keyboard.releaseAll());
        this.wantedMode = m.mode;
        this.macHost = m.mac;
        this.setKeyboard();
        return true;
      case 'release':
        this.keys(this.keyboard.releaseAll());
        this.mice(this.mouse.releaseAll());
        return true;
      case 'text': this.keys(typed(m.text)); return true;
      case 'combination':
        this.keys([m.key in CONTROL_KEY
          ? combination(m.key as ControlKey, ...m.held)
          : characterCombination(m.key, ...m.held)]);
        return true;
      case 'ctrl-alt-del':
        this.keys([ctrlAltDel(this.peer?.platform ?? '')]);
        return true;
      case 'lock': this.keys([lockScreen()]); return true;
      default: return false;
    }
  }

  // Everything else that the page asks for.
  command(m: ToWorker): void {
    switch (m.do) {
      case 'canvas': this.screen.show(m.canvas); break;
      case 'view': void this.setView(m.view); break;
      case 'show':
        if (this.displays?.show(m.displays)) {
          this.wanted = m.displays;
          this.capture();
          this.announce();
        }
        break;
      case 'resolution':
        this.link.post(
          controls.changeResolution(m.display, m.width, m.height));
        break;
      case 'virtual':
        this.link.post(controls.virtualDisplay(m.display, m.on));
        break;
      case 'refresh': this.link.post(controls.refreshAll()); break;
      case 'screenshot':
        this.link.post(controls.screenshot(m.display, `${m.display}`));
        break;
      case 'clipboard':
        this.link.post(...this.clipboard.sending(m.content,
          this.peer?.multiClipboards ?? false));
        break;
      case 'player': this.sound.player(m.port); break;
      case 'chat': this.link.post(controls.chat(m.text)); break;
      case 'call': this.voice.step(m.step); break;
      case 'microphone':
        void this.voice.microphone(m.port, m.sampleRate);
        break;
      case 'restart': this.link.post(controls.restart()); break;
      case 'block-input': this.link.post(controls.blockInput(m.on)); break;
      case 'privacy': this.link.post(controls.privacyMode(m.key, m.on)); break;
      case 'elevate': this.link.post(controls.elevate(m.logon)); break;
      case 'recording': this.link.post(controls.recording(m.on)); break;
      case 'hidden': this.hide(m.hidden); break;
      default: break;
    }
  }

  // --- a page that nobody sees ----------------------------------------------

  private hide(hidden: boolean): void {
    this.screen.hidden = hidden;
    this.hiddenAt = hidden ? Date.now() : undefined;
    if (hidden)
      return;
    if (this.slowed)
      this.link.post(controls.option(controls.frameRate(this.view.fps)));
    this.slowed = false;
    this.link.post(controls.refreshAll());
  }

  private second(): void {
    const now = Date.now();
    this.screen.tick(now);
    if (this.hiddenAt !== undefined && !this.slowed
        && now - this.hiddenAt >= HIDDEN_SLOW) {
      this.slowed = true;
      this.link.post(controls.option(controls.frameRate(1)));
    }
    const { drawn, decoded, dropped, codec, queue, latency, decoding } =
      this.screen;
    const { width, height } = this.displays?.bounds ?? { width: 0, height: 0 };
    this.say({
      say: 'stats', stats: {
        codec: codec ?? '', width, height, fps: drawn - this.drawn, decoded,
        dropped, queue, latency, decoding, roundTrip: this.link.roundTrip,
        bitrate: (this.link.received - this.received) * 8,
      },
    });
    this.drawn = drawn;
    this.received = this.link.received;
  }
}
