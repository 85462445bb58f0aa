// One connection to a device with its sockets: reaches it, holds the session,
// tries again when it is lost. Decisions are the protocol's; here are timers
// and WebSockets.
import { fingerprint } from '../../protocol/cipher';
import { VERSION } from '../../protocol/login';
import type { Option, Outgoing, PeerInfoMessage, PeerMessage }
  from '../../protocol/message';
import type { Outcome } from '../../protocol/outcome';
import type { Peer } from '../../protocol/peer';
import { Reach } from '../../protocol/reach';
import type { ReachAction } from '../../protocol/reach';
import { Reconnect } from '../../protocol/reconnect';
import { Session } from '../../protocol/session';
import type { SessionAction } from '../../protocol/session';
import type { FromWorker, Start } from '../messages';

const TICK = 250;
const MAX_RECORD = 64 << 20;    // bytes; a relay passes no larger one

export interface Hooks {
  say(m: FromWorker): void;
  token(): Promise<string>;
  option(): Promise<Option>;
  ready(peer: Peer, info: PeerInfoMessage): void;
  message(m: PeerMessage): void;
  lost(): void;                 // the session, for now or for good
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
  private relay: WebSocket | undefined;
  private readonly reconnect = new Reconnect();
  private hash: Uint8Array | undefined;
  private password: string | undefined;
  private retryAt: number | undefined;
  private option: Option | undefined;
  private over = false;
  private attempt = 0;

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
    const [token, option] = await Promise.all(
      [this.hooks.token(), this.hooks.option()]);
    if (attempt !== this.attempt || this.over)
      return;
    this.option = option;
    this.reach = new Reach({
      id: this.start.id, scope: this.start.scope, token, version: VERSION,
      serverKey: this.start.serverKey,
    }, base64(this.start.serverKey));
    this.reached(this.reach.start(Date.now()));
  }

  // --- the way to the device ------------------------------------------------

  private reached(actions: readonly ReachAction[]): void {
    for (const a of actions)
      switch (a.do) {
        case 'open-id': this.openId(); break;
        case 'send-id': this.idSocket?.send(a.bytes); break;
        case 'open-relay': this.openRelay(); break;
        case 'send-relay': this.relay?.send(a.bytes); break;
        case 'arrived': this.arrived(a.key); break;
        case 'failed': this.ended(a.outcome); break;
      }
  }

  private openId(): void {
    const socket = new WebSocket(this.start.idUrl);
    const reach = this.reach;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.reached(reach?.idOpened(Date.now()) ?? []);
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer)
        this.reached(reach?.idMessage(new Uint8Array(data), Date.now()) ?? []);
    };
    socket.onclose = () => {
      if (this.idSocket === socket)
        this.reached(reach?.idClosed() ?? []);
    };
    this.idSocket = socket;
  }

  private openRelay(): void {
    this.close('idSocket');
    this.hooks.say({ say: 'step', step: 'relay' });
    const socket = new WebSocket(this.start.relayUrl);
    const reach = this.reach;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.reached(reach?.relayOpened(Date.now()) ?? []);
    socket.onmessage = ({ data }) => {
      if (this.relay === socket && data instanceof ArrayBuffer)
        this.record(new Uint8Array(data));
    };
    socket.onclose = () => {
      if (this.relay !== socket)
        return;
      if (this.session)
        this.act(this.session.closed());
      else
        this.reached(reach?.relayClosed() ?? []);
    };
    this.relay = socket;
  }

  private record(bytes: Uint8Array): void {
    this.received += bytes.length;
    if (!this.session)
      this.reached(this.reach?.relayMessage() ?? []);
    if (bytes.length <= MAX_RECORD)
      this.act(this.session?.receive(bytes, Date.now()) ?? []);
  }

  private arrived(key: Uint8Array): void {
    const { id, scope, myId, myName, sessionId, hwid } = this.start;
    this.hooks.say({ say: 'step', step: 'identity' });
    this.hooks.say({ say: 'fingerprint', text: fingerprint(key) });
    this.session = new Session({
      id, scope, myId, myName, sessionId, serviceId: this.serviceId,
      ...(this.option && { option: this.option }),
      ...(this.hash && { hash: this.hash }), ...(hwid && { hwid }),
      ...(this.password !== undefined && { password: this.password }),
    }, key, { ephemeral: random(32), key: random(32) }, Date.now());
  }

  // --- the session ----------------------------------------------------------

  private act(actions: readonly SessionAction[]): void {
    for (const a of actions)
      this.one(a);
  }

  private one(a: SessionAction): void {
    switch (a.do) {
      case 'send':
        if (this.relay?.readyState === WebSocket.OPEN)
          this.relay.send(a.bytes);
        break;
      case 'close': this.close('relay'); break;
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
      case 'delay': this.roundTrip = a.roundTrip; break;
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

  private ended(why: Outcome): void {
    this.attempt += 1;
    this.close('idSocket');
    this.close('relay');
    this.session = undefined;
    this.reach = undefined;
    this.hooks.lost();
    if (this.over)
      return;
    const next = this.reconnect.lost(why, Date.now());
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

  private close(which: 'idSocket' | 'relay'): void {
    const socket = this[which];
    this[which] = undefined;
    socket?.close();
  }

  private tick(): void {
    const now = Date.now();
    if (this.retryAt !== undefined && now >= this.retryAt)
      void this.connect();
    this.reached(this.reach?.tick(now) ?? []);
    this.act(this.session?.tick(now) ?? []);
  }

  // --- from the page --------------------------------------------------------

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

  get buffered(): number {
    return this.relay?.bufferedAmount ?? 0;
  }

  get alive(): boolean {
    return this.session !== undefined;
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
