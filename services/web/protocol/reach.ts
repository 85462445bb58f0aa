// From an id to a relay socket on which the device is about to speak: ask the
// ID server, verify what it says about the device, join the relay. Messages
// and the clock come in, actions go out.
import { deviceKey, IdentityError } from './cipher.js';
import { outcome } from './outcome.js';
import type { Outcome } from './outcome.js';
import {
  punchHoleRequest, readRendezvous, requestRelay,
} from './rendezvous.js';
import type { Rendezvous, Target } from './rendezvous.js';

// Milliseconds; the request is repeated on the same socket.
const REPEATS = [3000, 6000];
const ANSWER_WITHIN = 18_000;
const ARRIVE_WITHIN = 18_000;

export type ReachAction =
  | { readonly do: 'open-id' }
  | { readonly do: 'send-id'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'open-relay' }     // and close the ID server's socket
  | { readonly do: 'send-relay'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly do: 'arrived'; readonly key: Uint8Array }
  | { readonly do: 'failed'; readonly outcome: Outcome };

type Phase = 'idle' | 'opening' | 'asked' | 'joining' | 'joined' | 'over';

export class Reach {
  private phase: Phase = 'idle';
  private since = 0;
  private sent = 0;
  private insisted = false;
  private uuid = '';
  private key: Uint8Array | undefined;

  constructor(private readonly target: Target,
    private readonly serverKey: Uint8Array) {}

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
    if (this.phase !== 'asked' || bytes.length === 0)
      return [];
    let message;
    try {
      message = readRendezvous(bytes);
    } catch {
      return [];              // a message of a newer server
    }
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

  // The device's first message has come: it is the session's from here.
  relayMessage(): ReachAction[] {
    if (this.phase !== 'joined' || this.key === undefined)
      return [];
    this.phase = 'over';
    return [{ do: 'arrived', key: this.key }];
  }

  relayClosed(): ReachAction[] {
    return this.phase === 'joining' || this.phase === 'joined'
      ? this.fail(outcome('relay-closed', 'auto')) : [];
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
    if ((this.phase === 'joining' || this.phase === 'joined')
        && waited >= ARRIVE_WITHIN)
      return this.fail(outcome('no-arrival', 'auto'));
    return [];
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
    return [{ do: 'open-relay' }];
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
