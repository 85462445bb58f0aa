// One connection to a device from its first message on: identity, login,
// keep-alive, permissions, and what may be sent. Records, the user's answers
// and the clock come in, actions go out; what the session does not decide
// itself (pictures, files …) it passes on as a message.
import { exchange, IdentityError, passwordHash, proof, readHello }
  from './cipher.js';
import type { Records, Secrets } from './cipher.js';
import { closing } from './controls.js';
import { decodeMessage, encodeMessage } from './message.js';
import type { Option, Outgoing, PeerInfoMessage, PeerMessage }
  from './message.js';
import { closeReason, loginAnswer, outcome } from './outcome.js';
import type { Outcome } from './outcome.js';
import { ALL_PERMITTED, readPeer, withPermission } from './peer.js';
import type { Peer, Permissions } from './peer.js';
import type { Scope } from './rendezvous.js';
import { loginRequest, scoped } from './login.js';
import type { Target } from './service.js';

const SILENCE = 30_000;         // ms without any record: the way is broken
const RESTART_SILENCE = 5_000;  // … after we asked for a restart
const MINUTE = 60_000;
const ECHO_HELD = 3_000;        // the longest that an answer is held back
const ECHO_QUEUE = 5;           // frames waiting for the decoder
const PING_EVERY = 2_000;

export interface Config {
  readonly id: string;          // of the device, as dialled
  readonly scope: Scope;
  readonly fingerprint?: string;  // direct: of the other end's certificate
  readonly myId: string;
  readonly myName: string;
  readonly sessionId: bigint;
  readonly option?: Option;
  readonly password?: string;
  readonly hash?: Uint8Array;   // h1 of an earlier log-in
  readonly hwid?: Uint8Array;   // of a browser that the device trusts
  readonly folder?: string;     // files: the first listing
  readonly showHidden?: boolean;
  readonly serviceId?: string;  // terminal: the service to join again
  readonly target?: Target;     // tunnel: where it leads
  readonly osLogin?: { readonly username: string; readonly password: string };
}

export type Question =
  | { readonly ask: 'password'; readonly wrong: boolean }
  | { readonly ask: 'code'; readonly wrong: boolean;
    readonly trustable: boolean }
  | { readonly ask: 'accept' }
  | { readonly ask: 'minute'; readonly until: number }
  | { readonly ask: 'windows-session'; readonly current: number;
    readonly sessions: readonly { sid: number; name: string }[] };

export type SessionAction =
  | { readonly do: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'close' }
  | { readonly do: 'secured' }        // identity verified, way protected
  | { readonly do: 'question'; readonly question: Question }
  | { readonly do: 'ready'; readonly peer: Peer;
    readonly info: PeerInfoMessage }
  | { readonly do: 'warn'; readonly outcome: Outcome }
  | { readonly do: 'permissions'; readonly permissions: Permissions }
  // The device has read all that was said before the ping SENT then.
  | { readonly do: 'delay'; readonly roundTrip: number;
    readonly sent: number }
  | { readonly do: 'rate'; readonly targetBitrate: number }
  | { readonly do: 'message'; readonly message: PeerMessage }
  | { readonly do: 'ended'; readonly outcome: Outcome };

type Phase = 'hello' | 'login' | 'choosing' | 'ready' | 'over';

export class Session {
  private phase: Phase = 'hello';
  private cipher: Records | undefined;
  private permissions = ALL_PERMITTED;
  private heard: number;
  private silence = SILENCE;
  private challenge: { salt: string; challenge: string } | undefined;
  private hash: Uint8Array | undefined;
  private tried = false;        // the hash in use has been sent
  private trustable = false;
  private info: PeerInfoMessage | undefined;
  private minute: number | undefined;
  private queued = 0;           // frames waiting for the decoder
  private held: { message: Outgoing; until: number } | undefined;
  private pinged: number;
  private out: SessionAction[] = [];

  constructor(private readonly config: Config,
    private readonly deviceKey: Uint8Array, private readonly secrets: Secrets,
    now: number) {
    this.heard = now;
    this.pinged = now;
    this.hash = config.hash;
  }

  // The device hears what is posted.
  get alive(): boolean {
    return this.phase === 'ready';
  }

  // h1 that the device has accepted, to come back without a question.
  get knownHash(): Uint8Array | undefined {
    return this.phase === 'ready' || this.phase === 'choosing'
      ? this.hash : undefined;
  }

  receive(record: Uint8Array, now: number): SessionAction[] {
    if (this.phase === 'over')
      return [];
    this.heard = now;
    if (this.phase === 'hello')
      this.greet(record);
    else
      this.open(record, now);
    return this.drain();
  }

  private greet(record: Uint8Array): void {
    try {
      const hello = readHello(record, this.deviceKey, this.config.id);
      const { answer, cipher } = exchange(hello, this.secrets,
        this.config.fingerprint);
      this.cipher = cipher;
      this.out.push({ do: 'send', bytes: answer }, { do: 'secured' });
      this.phase = 'login';
    } catch (e) {
      if (!(e instanceof IdentityError))
        throw e;
      this.end(outcome('identity'));
    }
  }

  private open(record: Uint8Array, now: number): void {
    if (record.length <= 1 || this.cipher === undefined)
      return;
    let message;
    try {
      message = decodeMessage(this.cipher.open(record));
    } catch {
      this.end(outcome('disturbed', 'auto'));
      return;
    }
    this.dispatch(message, now);
  }

  private dispatch(m: PeerMessage, now: number): void {
    if (m.testDelay)
      this.testDelay(m.testDelay, now);
    else if (m.hash)
      this.challenged(m.hash);
    else if (m.loginResponse)
      this.answered(m.loginResponse, now);
    else if (m.misc?.permissionInfo) {
      const { permission, enabled } = m.misc.permissionInfo;
      this.permissions = withPermission(this.permissions, permission, enabled);
      this.out.push({ do: 'permissions', permissions: this.permissions });
    } else if (m.misc?.closeReason !== undefined)
      this.end(closeReason(m.misc.closeReason));
    else if (this.phase === 'ready' || this.phase === 'choosing'
        || m.messageBox)
      this.out.push({ do: 'message', message: m });
  }

  // --- login ----------------------------------------------------------------

  private challenged(hash: { salt: string; challenge: string }): void {
    if (this.phase !== 'login')
      return;
    this.challenge = hash;
    if (this.config.password !== undefined && this.hash === undefined)
      this.hash = passwordHash(this.config.password, hash.salt);
    this.login();
  }

  // Without a password the device asks somebody there and says nothing, so
  // the user is asked at once; the answer of a device that lets everybody in,
  // or somebody there alone, takes the question back.
  private login(): void {
    if (this.challenge === undefined)
      return;
    this.tried = this.hash !== undefined;
    this.send({
      loginRequest: loginRequest(this.config, this.hash === undefined
        ? new Uint8Array(0) : proof(this.hash, this.challenge.challenge)),
    });
    if (!this.tried)
      this.question({ ask: 'password', wrong: false });
  }

  private answered(r: NonNullable<PeerMessage['loginResponse']>, now: number):
  void {
    this.trustable = r.enableTrustedDevices;
    if (r.peerInfo)
      this.loggedIn(r.peerInfo);
    else if (r.error !== undefined)
      this.refused(r.error, now);
  }

  private loggedIn(info: PeerInfoMessage): void {
    if (this.phase !== 'login')
      return;
    this.info = info;
    const windows = info.windowsSessions;
    if (windows === undefined || windows.sessions.length === 0)
      return this.ready();
    this.phase = 'choosing';
    if (windows.sessions.length === 1)
      this.select(windows.sessions[0]?.sid ?? windows.currentSid);
    else
      this.question({
        ask: 'windows-session', current: windows.currentSid,
        sessions: windows.sessions,
      });
  }

  private refused(error: string, now: number): void {
    const answer = loginAnswer(error);
    switch (answer.kind) {
      case 'password':
        this.hash = undefined;
        return this.question({
          ask: 'password', wrong: answer.wrong && this.tried,
        });
      case 'code':
        return this.question({
          ask: 'code', wrong: answer.wrong, trustable: this.trustable,
        });
      case 'accept':
        return this.question({ ask: 'accept' });
      case 'minute':
        this.minute = now + MINUTE;
        return this.question({ ask: 'minute', until: this.minute });
      case 'warn':
        this.out.push({ do: 'warn', outcome: answer.outcome });
        return;
      case 'end':
        return this.end(answer.outcome);
    }
  }

  private ready(): void {
    if (this.info === undefined)
      return;
    // Without channels the device would speak raw bytes from here on.
    if (this.config.scope === 'tunnel' && !this.info.features?.portForwardMux)
      return this.end(outcome('no-mux', 'never'));
    if (this.config.scope === 'desktop' && this.info.displays.length === 0)
      this.out.push({ do: 'warn', outcome: outcome('no-display') });
    this.phase = 'ready';
    this.out.push({
      do: 'ready', peer: readPeer(this.info), info: this.info,
    });
  }

  private question(question: Question): void {
    this.out.push({ do: 'question', question });
  }

  // --- the user's answers ---------------------------------------------------

  password(password: string): SessionAction[] {
    if (this.phase === 'login' && this.challenge !== undefined) {
      this.hash = passwordHash(password, this.challenge.salt);
      this.login();
    }
    return this.drain();
  }

  // HWID: 32 random bytes kept by a browser that wants to be trusted.
  code(code: string, hwid?: Uint8Array): SessionAction[] {
    if (this.phase === 'login')
      this.send({ auth2fa: { code, hwid } });
    return this.drain();
  }

  windowsSession(sid: number): SessionAction[] {
    if (this.phase === 'choosing')
      this.select(sid);
    return this.drain();
  }

  private select(selectedSid: number): void {
    this.send({ misc: { selectedSid } });
    this.ready();
  }

  // --- keep-alive -----------------------------------------------------------

  private testDelay(t: NonNullable<PeerMessage['testDelay']>, now: number):
  void {
    if (t.fromClient) {
      const sent = Number(t.time);
      const roundTrip = Math.max(0, now - sent);
      if (sent <= this.pinged && roundTrip < SILENCE)
        this.out.push({ do: 'delay', roundTrip, sent });
      return;
    }
    this.out.push({ do: 'rate', targetBitrate: t.targetBitrate });
    if (this.queued > ECHO_QUEUE)
      this.held = { message: { testDelay: t }, until: now + ECHO_HELD };
    else
      this.send({ testDelay: t });
  }

  // Frames wait for the decoder: the answer to the device's clock waits too,
  // and the device slows down.
  backlog(frames: number): SessionAction[] {
    this.queued = frames;
    if (this.held !== undefined && frames <= ECHO_QUEUE)
      this.release();
    return this.drain();
  }

  private release(): void {
    const message = this.held?.message;
    this.held = undefined;
    if (message !== undefined)
      this.send(message);
  }

  tick(now: number): SessionAction[] {
    if (this.phase === 'over')
      return [];
    if (now - this.heard >= this.silence) {
      this.end(outcome('silent', 'auto'));
      return this.drain();
    }
    if (this.held !== undefined && now >= this.held.until)
      this.release();
    if (this.minute !== undefined && now >= this.minute) {
      this.minute = undefined;
      this.question({ ask: 'password', wrong: false });
    }
    if (this.phase === 'ready' && now - this.pinged >= PING_EVERY)
      this.ping(now);
    return this.drain();
  }

  // Asks the device for a sign that it has read everything up to here, and
  // says which: the `sent` of the answer. No two have the same.
  mark(now: number): { sent: number; actions: SessionAction[] } {
    if (this.phase === 'ready')
      this.ping(now);
    return { sent: this.pinged, actions: this.drain() };
  }

  private ping(now: number): void {
    this.pinged = Math.max(now, this.pinged + 1);
    this.send({ testDelay: { time: BigInt(this.pinged), fromClient: true } });
  }

  // --- sending and ending ---------------------------------------------------

  // Sends of M what is within the scope of the connection: for the rest the
  // device could end it.
  post(m: Outgoing): SessionAction[] {
    const within = scoped(this.config.scope, m);
    if (this.phase === 'ready' && within)
      this.send(within);
    if (m.misc?.restartRemoteDevice)
      this.silence = RESTART_SILENCE;
    return this.drain();
  }

  private send(m: Outgoing): void {
    const sealed = this.cipher?.seal(encodeMessage(m));
    if (sealed !== undefined && this.phase !== 'over')
      this.out.push({ do: 'send', bytes: sealed });
  }

  closed(): SessionAction[] {
    if (this.phase !== 'over')
      this.end(outcome(this.config.fingerprint === undefined
        ? 'lost' : 'direct-lost', 'auto'));
    return this.drain();
  }

  leave(): SessionAction[] {
    if (this.cipher !== undefined)
      this.send(closing());
    this.end(outcome('left'));
    return this.drain();
  }

  private end(why: Outcome): void {
    if (this.phase === 'over')
      return;
    this.phase = 'over';
    this.out.push({ do: 'close' }, { do: 'ended', outcome: why });
  }

  private drain(): SessionAction[] {
    const out = this.out;
    this.out = [];
    return out;
  }
}
