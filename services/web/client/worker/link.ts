// One connection to a device with its sockets: reaches it, holds the session,
// tries again when it is lost. Decisions are the protocol's; here are timers,
// the ID server's socket and the ways.
import { fingerprint } from '../../protocol/cipher';
import { VERSION } from '../../protocol/login';
import type { Option, Outgoing, PeerInfoMessage, PeerMessage }
  from '../../protocol/message';
import type { Outcome } from '../../protocol/outcome';
import type { Peer } from '../../protocol/peer';
import { Reach } from '../../protocol/reach';
import type { ReachAction, WayName } from '../../protocol/reach';
import { Reconnect } from '../../protocol/reconnect';
import { Session } from '../../protocol/session';
import type { SessionAction } from '../../protocol/session';
import type { FromWorker, Start } from '../messages';
import { sealed } from './faster';
import { DirectWay, RelayWay } from './way';
import type { Way } from './way';

const TICK = 250;

export interface Hooks {
  say(m: FromWorker, transfer?: Transferable[]): void;
  token(): Promise<string>;
  option(): Promise<Option>;
  ready(peer: Peer, info: PeerInfoMessage): void;
  message(m: PeerMessage): void;
  lost(forGood: boolean): void; // the session
}

const base64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const random = (n: number) => crypto.getRandomValues(new Uint8Array(n));

export class Link {
  roundTrip = 0;
  received = 0;                 // bytes
  serviceId: string;
  private reach: Reach | undefined;
  private session: Session | undefined;
  private idSocket: WebSocket | undefined;
  private relay: RelayWay | undefined;
  private direct: DirectWay | undefined;
  private way: WayName = 'relay';     // of the session
  // What came on a way before it had won: the device's first word.
  private first: { [way in WayName]?: Uint8Array } = {};
  private candidates: string[] | undefined = [];  // before there is a request
  // A direct connection that broke may break again: the next attempt goes by
  // the relay.
  private relayOnly = false;
  private readonly reconnect = new Reconnect();
  private hash: Uint8Array | undefined;
  private password: string | undefined;
  private retryAt: number | undefined;
  private option: Option | undefined;
  private over = false;
  private attempt = 0;
  private marks: { readonly sent: number; readonly done: () => void }[] = [];

  constructor(private readonly start: Start, private readonly hooks: Hooks) {
    this.hash = start.hash;
    this.password = start.password;
    this.serviceId = start.serviceId;
    setInterval(() => this.tick(), TICK);
    void this.connect();
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    this.retryAt = undefined;
    this.hooks.say({ say: 'step', step: 'finding' });
    const [token, option, offer] = await Promise.all(
      [this.hooks.token(), this.hooks.option(), this.offer()]);
    if (attempt !== this.attempt || this.over)
      return;
    this.option = option;
    this.reach = new Reach({
      id: this.start.id, scope: this.start.scope, token, version: VERSION,
      serverKey: this.start.serverKey, ...(offer !== undefined && { offer }),
    }, base64(this.start.serverKey));
    const early = this.candidates ?? [];
    this.candidates = undefined;
    for (const text of early)
      this.reached(this.reach.ourCandidate(text));
    this.reached(this.reach.start(Date.now()));
  }

  // Of a direct connection, by the page.
  private async offer(): Promise<string | undefined> {
    this.close('direct');
    this.candidates = [];
    if (this.relayOnly)
      return undefined;
    const { port1, port2 } = new MessageChannel();
    const way: DirectWay = new DirectWay(port1, {
      candidate: (text) => {
        if (this.candidates)
          this.candidates.push(text);
        else
          this.reached(this.reach?.ourCandidate(text) ?? []);
      },
      record: (bytes) => this.record('direct', bytes),
      closed: () => this.lost('direct'),
    });
    this.direct = way;
    this.hooks.say({ say: 'direct-please', port: port2 }, [port2]);
    return way.offer;
  }

  // --- the way to the device ------------------------------------------------

  private reached(actions: readonly ReachAction[]): void {
    for (const a of actions)
      switch (a.do) {
        case 'open-id': this.openId(); break;
        case 'send-id': this.idSocket?.send(a.bytes); break;
        case 'close-id': this.close('idSocket'); break;
        case 'open-relay': this.openRelay(); break;
        case 'send-relay': this.relay?.send(a.bytes); break;
        case 'answer': this.direct?.answer(a.sdp); break;
        case 'candidate': this.direct?.candidate(a.candidate); break;
        case 'close': this.close(a.way); break;
        case 'arrived': this.arrived(a); break;
        case 'failed': this.ended(a.outcome); break;
      }
  }

  private openId(): void {
    const socket = new WebSocket(this.start.idUrl);
    const reach = this.reach;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.reached(reach?.idOpened(Date.now()) ?? []);
    socket.onmessage = ({ data }) => {
      if (this.idSocket === socket && data instanceof ArrayBuffer)
        this.reached(reach?.idMessage(new Uint8Array(data), Date.now()) ?? []);
    };
    socket.onclose = () => {
      if (this.idSocket === socket)
        this.reached(reach?.idClosed() ?? []);
    };
    this.idSocket = socket;
  }

  private openRelay(): void {
    this.hooks.say({ say: 'step', step: 'relay' });
    const reach = this.reach;
    this.relay = new RelayWay(this.start.relayUrl, {
      opened: () => this.reached(reach?.relayOpened(Date.now()) ?? []),
      record: (bytes) => this.record('relay', bytes),
      closed: () => this.lost('relay'),
    });
  }

  private record(way: WayName, bytes: Uint8Array): void {
    this.received += bytes.length;
    if (this.session) {
      this.counted(bytes);
      this.act(this.session.receive(bytes, Date.now()));
      return;
    }
    this.first[way] ??= bytes;
    this.reached((way === 'relay' ? this.reach?.relayMessage(Date.now())
      : this.reach?.directMessage()) ?? []);
  }

  private lost(way: WayName): void {
    if (this.session)
      this.act(this.session.closed());
    else
      this.reached((way === 'relay' ? this.reach?.relayClosed()
        : this.reach?.directClosed()) ?? []);
  }

  private arrived({ key, way, fingerprint: theirs }:
  Extract<ReachAction, { do: 'arrived' }>): void {
    const { id, scope, myId, myName, sessionId, hwid, target } = this.start;
    this.way = way;
    this.hooks.say({ say: 'step', step: 'identity' });
    this.hooks.say({ say: 'way', way });
    this.hooks.say({ say: 'fingerprint', text: fingerprint(key) });
    this.session = new Session({
      id, scope, myId, myName, sessionId, serviceId: this.serviceId,
      ...(theirs !== undefined && { fingerprint: theirs }),
      ...(this.option && { option: this.option }),
      ...(this.hash && { hash: this.hash }), ...(hwid && { hwid }),
      ...(target && { target }),
      ...(this.password !== undefined && { password: this.password }),
    }, key, { ephemeral: random(32), key: random(32) }, Date.now());
    const first = this.first[way];
    if (first)
      this.act(this.session.receive(first, Date.now()));
  }

  // In a direct channel records are not sealed.
  private counted(record: Uint8Array): void {
    if (this.way === 'relay')
      sealed(record.length);
  }

  private get used(): Way | undefined {
    return this[this.way];
  }

  // --- the session ----------------------------------------------------------

  private act(actions: readonly SessionAction[]): void {
    for (const a of actions)
      this.one(a);
  }

  private one(a: SessionAction): void {
    switch (a.do) {
      case 'send':
        this.used?.send(a.bytes);
        this.counted(a.bytes);
        break;
      case 'close': this.close(this.way); break;
      case 'secured': this.hooks.say({ say: 'step', step: 'login' }); break;
      case 'question':
        this.password = undefined;
        this.hooks.say({ say: 'question', question: a.question });
        break;
      case 'ready': this.ready(a.peer, a.info); break;
      case 'warn': this.hooks.say({ say: 'warn', outcome: a.outcome }); break;
      case 'permissions':
        this.hooks.say({ say: 'permissions', permissions: a.permissions });
        break;
      case 'delay':
        this.roundTrip = a.roundTrip;
        this.heard(a.sent);
        break;
      case 'rate': break;
      case 'message': this.hooks.message(a.message); break;
      case 'ended': this.ended(a.outcome); break;
    }
  }

  private ready(peer: Peer, info: PeerInfoMessage): void {
    this.hash = this.session?.knownHash;
    this.password = undefined;
    this.reconnect.established();
    this.hooks.say({ say: 'ready', peer, hash: this.hash, folder: '' });
    this.hooks.ready(peer, info);
  }

  // WAIT: ms until the next attempt, at least.
  private ended(why: Outcome, wait = 0): void {
    this.attempt += 1;
    this.relayOnly = this.session !== undefined && this.way === 'direct'
      && why.again === 'auto';
    this.close('idSocket');
    this.close('relay');
    this.close('direct');
    this.first = {};
    this.session = undefined;
    this.reach = undefined;
    this.hooks.lost(this.over || why.again === 'never');
    this.heard(Infinity);
    if (this.over)
      return;
    const next = this.reconnect.lost(why, Date.now(), wait);
    if (next.kind === 'over') {
      this.over = why.again === 'never';
      this.hooks.say({ say: 'ended', outcome: why });
      return;
    }
    this.retryAt = next.until;
    this.hooks.say({
      say: 'waiting', outcome: why, until: next.until, attempt: next.attempt,
    });
  }

  private close(which: 'idSocket' | WayName): void {
    const open = this[which];
    this[which] = undefined;
    open?.close();
  }

  private tick(): void {
    const now = Date.now();
    if (this.retryAt !== undefined && now >= this.retryAt)
      void this.connect();
    this.reached(this.reach?.tick(now) ?? []);
    this.act(this.session?.tick(now) ?? []);
  }

  // --- from the page --------------------------------------------------------

  // There is no token for this attempt, and perhaps never will be.
  noToken(why: Outcome, wait: number): void {
    this.ended(why, wait);
  }

  // Without waiting: after the countdown was cut short or when the user asks.
  now(): void {
    if (!this.session && (this.retryAt !== undefined || !this.reach))
      void this.connect();
  }

  networkBack(): void {
    if (this.retryAt !== undefined)
      void this.connect();
  }

  post(...messages: readonly Outgoing[]): void {
    for (const m of messages) {
      if (m.misc?.restartRemoteDevice)
        this.reconnect.restarting();
      this.act(this.session?.post(m) ?? []);
    }
  }

  // Resolves when the device has read all that was posted, or is lost.
  async read(): Promise<void> {
    const { session } = this;
    if (!session)
      return;
    const { sent, actions } = session.mark(Date.now());
    const heard = new Promise<void>((done) => {
      this.marks.push({ sent, done });
    });
    this.act(actions);
    await heard;
  }

  private heard(sent: number): void {
    const over = this.marks.filter((m) => m.sent <= sent);
    this.marks = this.marks.filter((m) => m.sent > sent);
    for (const m of over)
      m.done();
  }

  get buffered(): number {
    return this.used?.buffered ?? 0;
  }

  get alive(): boolean {
    return this.session?.alive ?? false;
  }

  backlog(frames: number): void {
    this.act(this.session?.backlog(frames) ?? []);
  }

  answerPassword(password: string): void {
    this.act(this.session?.password(password) ?? []);
  }

  answerCode(code: string, hwid: Uint8Array | undefined): void {
    this.act(this.session?.code(code, hwid) ?? []);
  }

  answerSession(sid: number): void {
    this.act(this.session?.windowsSession(sid) ?? []);
  }

  leave(): void {
    this.over = true;
    this.act(this.session?.leave() ?? []);
    this.ended({ key: 'left', again: 'never' });
  }
}
