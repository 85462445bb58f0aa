// From an id to a way on which the device has begun to speak: ask the ID
// server, verify what it says about the device, join the relay, and beside it
// try the direct way if the device answers our offer. One of both wins, the
// other is closed. Messages and the clock come in, actions go out.
import { deviceKey, IdentityError } from './cipher.js';
import {
  MAX_CANDIDATE, MAX_CANDIDATES, readAnswer, readCandidate,
} from './direct.js';
import type { Candidate } from './direct.js';
import { outcome } from './outcome.js';
import type { Outcome } from './outcome.js';
import {
  iceCandidate, punchHoleRequest, readRendezvous, requestRelay,
} from './rendezvous.js';
import type { Rendezvous, Target } from './rendezvous.js';

// Milliseconds; the request is repeated on the same socket.
const REPEATS = [3000, 6000];
const ANSWER_WITHIN = 18_000;
const ARRIVE_WITHIN = 18_000;
const PREFER_DIRECT = 1000;   // so long a relay that is ready waits

export type WayName = 'relay' | 'direct';

export type ReachAction =
  | { readonly do: 'open-id' }
  | { readonly do: 'send-id'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'close-id' }
  | { readonly do: 'open-relay' }
  | { readonly do: 'send-relay'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'close'; readonly way: WayName }
  | { readonly do: 'answer'; readonly sdp: string }
  | { readonly do: 'candidate'; readonly candidate: Candidate }
  // `fingerprint`: of the certificate that the direct way's answer names.
  | { readonly do: 'arrived'; readonly key: Uint8Array;
    readonly way: WayName; readonly fingerprint: string | undefined }
  | { readonly do: 'failed'; readonly outcome: Outcome };

type Phase = 'idle' | 'opening' | 'asked' | 'joining' | 'joined' | 'over';
// The direct way: not there, waiting for the device's answer, under way.
type Direct = 'none' | 'offered' | 'answered';

export class Reach {
  private phase: Phase = 'idle';
  private since = 0;
  private sent = 0;
  private insisted = false;
  private uuid = '';
  private key: Uint8Array | undefined;
  private direct: Direct;
  private fingerprint: string | undefined;
  private relayGone = false;
  private relayReady: number | undefined;     // since when it waits
  private ours: ReachAction[] = [];           // candidates, before the answer
  private theirs: ReachAction[] = [];
  private sentCandidates = 0;
  private heardCandidates = 0;

  constructor(private readonly target: Target,
    private readonly serverKey: Uint8Array) {
    this.direct = target.offer === undefined ? 'none' : 'offered';
  }

  start(now: number): ReachAction[] {
    this.enter('opening', now);
    return [{ do: 'open-id' }];
  }

  idOpened(now: number): ReachAction[] {
    if (this.phase !== 'opening')
      return [];
    this.enter('asked', now);
    return [this.ask()];
  }

  idMessage(bytes: Uint8Array, now: number): ReachAction[] {
    if (bytes.length === 0)
      return [];
    let message;
    try {
      message = readRendezvous(bytes);
    } catch {
      return [];              // a message of a newer server
    }
    if (message.iceCandidate)
      return this.theirCandidate(message.iceCandidate.candidate);
    if (this.phase !== 'asked')
      return [];
    return message.relayResponse ? this.relay(message.relayResponse, now)
      : message.punchHoleResponse ? this.punched(message.punchHoleResponse)
        : [];
  }

  idClosed(): ReachAction[] {
    return this.phase === 'opening' || this.phase === 'asked'
      ? this.fail(outcome('server-closed', 'auto')) : [];
  }

  relayOpened(now: number): ReachAction[] {
    if (this.phase !== 'joining')
      return [];
    this.enter('joined', now);
    return [{ do: 'send-relay', bytes: requestRelay(this.target, this.uuid) }];
  }

  // The device speaks: over the relay, or in the direct channel. Its message
  // is the session's once this way has won.
  relayMessage(now: number): ReachAction[] {
    if (this.phase !== 'joined')
      return [];
    if (this.direct !== 'answered')
      return this.won('relay');
    this.relayReady ??= now;
    return [];
  }

  directMessage(): ReachAction[] {
    return this.racing && this.direct === 'answered'
      ? this.won('direct') : [];
  }

  relayClosed(): ReachAction[] {
    if (!this.racing)
      return [];
    this.relayGone = true;
    this.relayReady = undefined;
    return this.direct === 'answered' ? []
      : this.fail(outcome('relay-closed', 'auto'));
  }

  directClosed(): ReachAction[] {
    if (this.direct === 'none')
      return [];
    this.direct = 'none';
    if (!this.racing)
      return [];
    return this.relayReady !== undefined ? this.won('relay')
      : this.relayGone ? this.fail(outcome('relay-closed', 'auto')) : [];
  }

  // Where the browser can be reached: nobody is told before the device, and
  // the server for it, has agreed.
  ourCandidate(text: string): ReachAction[] {
    if (this.direct === 'none' || this.phase === 'over'
        || text.length > MAX_CANDIDATE
        || this.sentCandidates >= MAX_CANDIDATES)
      return [];
    this.sentCandidates += 1;
    const action: ReachAction =
      { do: 'send-id', bytes: iceCandidate(this.target, text) };
    if (this.direct === 'answered')
      return [action];
    this.ours.push(action);
    return [];
  }

  private theirCandidate(text: string): ReachAction[] {
    const candidate = readCandidate(text);
    if (this.direct === 'none' || this.phase === 'over'
        || candidate === undefined || this.heardCandidates >= MAX_CANDIDATES)
      return [];
    this.heardCandidates += 1;
    const action: ReachAction = { do: 'candidate', candidate };
    if (this.direct === 'answered')
      return [action];
    this.theirs.push(action);
    return [];
  }

  tick(now: number): ReachAction[] {
    const waited = now - this.since;
    if (this.phase === 'opening' && waited >= ANSWER_WITHIN)
      return this.fail(outcome('server-closed', 'auto'));
    if (this.phase === 'asked' && waited >= ANSWER_WITHIN)
      return this.fail(outcome('no-answer', 'auto'));
    if (this.phase === 'asked' && waited >= (REPEATS[this.sent] ?? Infinity)) {
      this.sent += 1;
      return [this.ask()];
    }
    return this.racing ? this.late(now, waited >= ARRIVE_WITHIN) : [];
  }

  // A relay that is ready is used at LAST, however short it has waited.
  private late(now: number, last: boolean): ReachAction[] {
    if (this.relayReady !== undefined
        && (last || now - this.relayReady >= PREFER_DIRECT))
      return this.won('relay');
    return last ? this.fail(outcome(
      this.relayGone ? 'relay-closed' : 'no-arrival', 'auto')) : [];
  }

  private get racing(): boolean {
    return this.phase === 'joining' || this.phase === 'joined';
  }

  private won(way: WayName): ReachAction[] {
    if (this.key === undefined)
      return [];
    this.phase = 'over';
    return [
      { do: 'close-id' },
      { do: 'close', way: way === 'relay' ? 'direct' : 'relay' },
      { do: 'arrived', key: this.key, way,
        fingerprint: way === 'direct' ? this.fingerprint : undefined },
    ];
  }

  private ask(): ReachAction {
    return { do: 'send-id', bytes: punchHoleRequest(this.target) };
  }

  private enter(phase: Phase, now: number): void {
    this.phase = phase;
    this.since = now;
  }

  private fail(why: Outcome): ReachAction[] {
    this.phase = 'over';
    return [{ do: 'failed', outcome: why }];
  }

  private relay(r: NonNullable<Rendezvous['relayResponse']>, now: number):
  ReachAction[] {
    if (r.refuseReason !== '')
      return this.fail(outcome('refused', 'ask', r.refuseReason));
    if (r.uuid === '')
      return [];
    if (r.version === '')
      return this.fail(outcome('too-old', 'never'));
    try {
      this.key = deviceKey(r.pk, this.serverKey, this.target.id);
    } catch (e) {
      if (!(e instanceof IdentityError))
        throw e;
      return this.fail(outcome('identity'));
    }
    this.uuid = r.uuid;
    this.enter('joining', now);
    return [...this.answered(r.webrtcSdpAnswer), { do: 'open-relay' }];
  }

  // With the device's answer candidates go both ways over the ID server.
  private answered(text: string): ReachAction[] {
    const answer = this.direct === 'offered' ? readAnswer(text) : undefined;
    if (answer === undefined) {
      this.direct = 'none';
      return [{ do: 'close-id' }, { do: 'close', way: 'direct' }];
    }
    this.direct = 'answered';
    this.fingerprint = answer.fingerprint;
    return [{ do: 'answer', sdp: answer.sdp }, ...this.ours, ...this.theirs];
  }

  private punched(r: NonNullable<Rendezvous['punchHoleResponse']>):
  ReachAction[] {
    if (r.otherFailure !== '')
      return this.fail(outcome('refused', 'ask', r.otherFailure));
    if (r.socketAddr.length > 0) {
      if (this.insisted)
        return this.fail(outcome('direct-only'));
      this.insisted = true;
      return [this.ask()];
    }
    switch (r.failure) {
      case 0: return this.fail(outcome('unknown-id'));
      case 2: return this.fail(outcome('offline'));
      case 3: return this.fail(outcome('key-mismatch', 'never'));
      case 4: return this.fail(outcome('overuse'));
      default: return this.fail(outcome('refused', 'ask', `${r.failure}`));
    }
  }
}
