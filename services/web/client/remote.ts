// A session as the page sees it: the worker's reports as signals, and what
// the user does as messages to it.
import { signal } from '@preact/signals';
import type { CallState } from '../protocol/call';
import type { Content } from '../protocol/clipboard';
import type { Blocked, Privacy } from '../protocol/controls';
import type { Display } from '../protocol/displays';
import type { Entry } from '../protocol/files';
import type { Outcome } from '../protocol/outcome';
import { ALL_PERMITTED } from '../protocol/peer';
import type { Peer } from '../protocol/peer';
import type { WayName } from '../protocol/reach';
import type { Scope } from '../protocol/rendezvous';
import type { Target } from '../protocol/service';
import type { Question } from '../protocol/session';
import type { Codec } from '../protocol/video';
import { makeTrusted, myId, remember, saveView, savedView, trusted }
  from './profile';
import type {
  FileFacts, FromDirect, FromWorker, JobState, Overwrite, Place, Start, Stats, Step,
  ToWorker, View,
} from './messages';
import { Audio } from './audio/audio';
import { passFor } from './guest';
import { config, me, ticket, unpermitted } from './server';
import type { Permit } from './server';
import { t } from './texts';

export type Phase =
  | { readonly phase: 'connecting'; readonly step: Step }
  | { readonly phase: 'question'; readonly question: Question }
  | { readonly phase: 'live' }
  | { readonly phase: 'waiting'; readonly outcome: Outcome;
    readonly until: number }
  | { readonly phase: 'ended'; readonly outcome: Outcome };

export interface ChatLine { readonly mine: boolean; readonly text: string }

export interface Conflict {
  readonly id: number;
  readonly name: string;
  readonly here: FileFacts;
  readonly there: FileFacts;
  readonly upload: boolean;
}

// The same for all connections to one device.
export interface Shared {
  readonly id: string;
  readonly sessionId: bigint;
  password: string | undefined;
  hash: Uint8Array | undefined;
}

export function shared(id: string, password?: string): Shared {
  const [n] = crypto.getRandomValues(new BigUint64Array(1));
  return { id, sessionId: n ?? 1n, password, hash: undefined };
}

const MAX_CHAT = 500;

const workerUrl = () => new URL(
  document.documentElement.dataset['worker'] ?? '', document.baseURI);
const socketUrl = (path: string) => new URL(path,
  location.origin.replace(/^http/, 'ws')).href;

// Who the device says is connected.
function myName(id: string): string {
  const pass = passFor(id);
  return pass ? t('guest.name', { name: pass.user_name })
    : me.value?.display_name || me.value?.name || 'Web';
}

export class Remote {
  readonly phase = signal<Phase>({ phase: 'connecting', step: 'finding' });
  readonly peer = signal<Peer | undefined>(undefined);
  readonly permissions = signal(ALL_PERMITTED);
  readonly displays = signal<readonly Display[]>([]);
  readonly shown = signal<readonly number[]>([]);
  readonly size = signal({ width: 0, height: 0 });
  readonly stats = signal<Stats | undefined>(undefined);
  readonly history = signal<readonly Stats[]>([]);
  readonly way = signal<WayName>('relay');
  readonly fingerprint = signal('');
  readonly codecs = signal<readonly Codec[]>([]);
  readonly view = signal<View>(savedView());
  readonly cursor = signal<
    { url: string; hotX: number; hotY: number } | undefined>(undefined);
  readonly pointer = signal<{ at: Place; remote: boolean } | undefined>(
    undefined);
  readonly chat = signal<readonly ChatLine[]>([]);
  readonly unread = signal(0);
  readonly call = signal<CallState>('none');
  readonly copied = signal<Content | undefined>(undefined);
  readonly privacy = signal<Privacy | undefined>(undefined);
  readonly blocked = signal<Blocked | undefined>(undefined);
  readonly elevation = signal(false);
  readonly elevationAnswer = signal<string | undefined>(undefined);
  readonly box = signal<{ title: string; text: string } | undefined>(
    undefined);
  readonly warning = signal<Outcome | undefined>(undefined);
  // files
  readonly listing = signal<
    { path: string; entries: readonly Entry[] } | undefined>(undefined);
  readonly jobs = signal<ReadonlyMap<number, JobState>>(new Map());
  readonly conflict = signal<Conflict | undefined>(undefined);
  onScreenshot: (png: Uint8Array, error: string) => void = () => undefined;
  onCall: (m: Extract<FromWorker, { say: 'call' }>) => void =
    () => undefined;
  onStored: (name: string, stored: string) => void = () => undefined;
  onOther: (m: FromWorker) => void = () => undefined;  // of the view alone
  // What the page says before the worker has been told where to go.
  private waiting: [ToWorker, Transferable[]][] | undefined = [];
  private readonly worker: Worker;
  private readonly audio = new Audio();
  private canvas: HTMLCanvasElement | undefined;
  private permit: Promise<Permit> | undefined;   // of the newest attempt
  private left = false;

  constructor(readonly shared: Shared, readonly scope: Scope,
    private readonly serviceId = '') {
    this.worker = new Worker(workerUrl(), { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) =>
      this.heard(data);
    if (scope !== 'tunnel')     // that asks where it leads to first
      void this.start();
  }

  async start(target?: Target): Promise<void> {
    const { id, sessionId, password, hash } = this.shared;
    const start: Start = {
      id, sessionId, password, hash, scope: this.scope,
      serverKey: config.value?.server_key ?? '',
      idUrl: socketUrl('/ws/id'), relayUrl: socketUrl('/ws/relay'),
      myId: myId(), hwid: await trusted(id), serviceId: this.serviceId,
      target, myName: myName(id),
    };
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    this.tell({ do: 'start', start, view: this.view.value });
    for (const [m, transfer] of waiting)
      this.tell(m, transfer);
  }

  tell(m: ToWorker, transfer: Transferable[] = []): void {
    if (this.waiting)
      this.waiting.push([m, transfer]);
    else
      this.worker.postMessage(m, transfer);
  }

  // The element that shows the device; it can be given away once only.
  attach(parent: HTMLElement, label: string): HTMLCanvasElement {
    if (!this.canvas) {
      this.canvas = document.createElement('canvas');
      this.canvas.className = 'screen';
      const canvas = this.canvas.transferControlToOffscreen();
      this.tell({ do: 'canvas', canvas }, [canvas]);
    }
    this.canvas.setAttribute('aria-label', label);
    this.canvas.setAttribute('role', 'img');
    parent.append(this.canvas);
    return this.canvas;
  }

  setView(change: Partial<View>): void {
    const view = { ...this.view.value, ...change };
    this.view.value = view;
    saveView(view);
    this.tell({ do: 'view', view });
    if (change.muted === false)
      void this.audio.resume();
  }

  // Call it in a click: browsers let sound begin only there.
  async setMuted(muted: boolean): Promise<void> {
    this.setView({ muted });
  }

  async answerCode(code: string, trust: boolean): Promise<void> {
    const hwid = trust ? await makeTrusted(this.shared.id) : undefined;
    this.tell({ do: 'code', code, hwid });
    this.connecting('login');
  }

  answerPassword(password: string): void {
    this.tell({ do: 'password', password });
    this.connecting('login');
  }

  answerSession(sid: number): void {
    this.tell({ do: 'windows-session', sid });
    this.connecting('picture');
  }

  say(text: string): void {
    this.tell({ do: 'chat', text });
    this.addChat({ mine: true, text });
  }

  overwrite(answer: Overwrite, all: boolean): void {
    const c = this.conflict.value;
    this.conflict.value = undefined;
    if (c)
      this.tell({ do: 'overwrite', id: c.id, answer, all });
  }

  leave(): void {
    this.left = true;
    this.tell({ do: 'leave' });
    this.audio.close();
    // The word of leaving needs a moment on its way.
    setTimeout(() => this.worker.terminate(), 300);
  }

  private connecting(step: Step): void {
    this.phase.value = step === 'live' ? { phase: 'live' }
      : { phase: 'connecting', step };
  }

  // A guest whose link leads here no more is told so; where it is not known,
  // the next attempt asks again.
  private async askPermit(): Promise<void> {
    const mine = this.permit = ticket(this.shared.id);
    try {
      const { token } = await mine;
      this.tell({ do: 'token', token });
    } catch (e) {
      if (this.permit === mine)       // no later attempt is under way
        this.tell({ do: 'no-token', ...unpermitted(e) });
    }
  }

  // Servers that relay are for who has a permit.
  private async direct(port: MessagePort): Promise<void> {
    const permit = await this.permit?.catch(() => undefined);
    const servers = permit?.ice_servers ?? config.value?.ice_servers ?? [];
    import('./direct').then((part) => {
      if (!this.left)         // nobody would close it any more
        void part.direct(port, servers);
    }, () => port.postMessage({ say: 'none' } satisfies FromDirect));
  }

  private addChat(line: ChatLine): void {
    this.chat.value = [...this.chat.value, line].slice(-MAX_CHAT);
  }

  private ready(m: Extract<FromWorker, { say: 'ready' }>): void {
    this.peer.value = m.peer;
    this.shared.hash = m.hash;
    this.shared.password = undefined;
    // A guest's browser has no way back to the device.
    if (!passFor(this.shared.id))
      remember({
        id: this.shared.id, name: m.peer.hostname, platform: m.peer.platform,
        at: Math.floor(Date.now() / 1000),
      });
    if (this.scope !== 'desktop' && this.scope !== 'camera')
      this.phase.value = { phase: 'live' };
  }

  private heard(m: FromWorker): void {
    switch (m.say) {
      case 'token-please': void this.askPermit(); break;
      case 'step': this.connecting(m.step); break;
      case 'direct-please': void this.direct(m.port); break;
      case 'way': this.way.value = m.way; break;
      case 'fingerprint': this.fingerprint.value = m.text; break;
      case 'question':
        this.phase.value = { phase: 'question', question: m.question };
        break;
      case 'ready': this.ready(m); break;
      case 'displays':
        this.displays.value = m.list;
        this.shown.value = m.shown;
        this.size.value = m.size;
        break;
      case 'permissions': this.permissions.value = m.permissions; break;
      case 'codecs': this.codecs.value = m.codecs; break;
      case 'waiting':
        this.phase.value = {
          phase: 'waiting', outcome: m.outcome, until: m.until,
        };
        break;
      case 'ended':
        this.phase.value = { phase: 'ended', outcome: m.outcome };
        break;
      case 'warn': this.warning.value = m.outcome; break;
      case 'stats':
        this.stats.value = m.stats;
        this.history.value = [...this.history.value, m.stats].slice(-60);
        break;
      default: this.heardMore(m);
    }
  }

  private heardMore(m: FromWorker): void {
    switch (m.say) {
      case 'cursor': {
        const old = this.cursor.value;
        this.cursor.value = {
          url: URL.createObjectURL(m.image), hotX: m.hotX, hotY: m.hotY,
        };
        if (old)
          setTimeout(() => URL.revokeObjectURL(old.url), 1000);
        break;
      }
      case 'pointer':
        this.pointer.value = { at: m.at, remote: m.remote };
        break;
      case 'chat':
        this.addChat({ mine: false, text: m.text });
        this.unread.value += 1;
        break;
      case 'call':
        this.call.value = m.state;
        this.onCall(m);
        break;
      case 'clipboard': this.copied.value = m.content; break;
      case 'sound':
        void this.audio.open(m.sampleRate, m.channels)
          .then((port) => port && this.tell({ do: 'player', port }, [port]));
        break;
      case 'privacy': this.privacy.value = m.state; break;
      case 'blocked': this.blocked.value = m.state; break;
      case 'message-box': this.box.value = m; break;
      case 'elevation': this.elevation.value = m.needed; break;
      case 'elevation-answer': this.elevationAnswer.value = m.text; break;
      case 'screenshot': this.onScreenshot(m.png, m.error); break;
      case 'listing':
        this.listing.value = { path: m.path, entries: m.entries };
        break;
      case 'job':
        this.jobs.value = new Map(this.jobs.value).set(m.job.id, m.job);
        break;
      case 'exists': this.conflict.value = m; break;
      case 'file-ready': this.onStored(m.name, m.stored); break;
      default: this.onOther(m);
    }
  }
}
