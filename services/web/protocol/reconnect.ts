// When to try again by itself after a session was lost.
import type { Outcome } from './outcome.js';

const SECOND = 1000;
const DELAYS = [1, 2, 4, 8, 15].map((s) => s * SECOND);
const GIVE_UP = 10 * 60 * SECOND;
const RESTART_GIVE_UP = 5 * 60 * SECOND;

export type Retry =
  | { readonly kind: 'wait'; readonly until: number; readonly attempt: number }
  | { readonly kind: 'over'; readonly outcome: Outcome };

export class Reconnect {
  private attempt = 0;
  private since: number | undefined;
  private limit = GIVE_UP;

  // A session stands: the next loss starts from the shortest wait.
  established(): void {
    this.attempt = 0;
    this.since = undefined;
    this.limit = GIVE_UP;
  }

  // We asked the device to restart: it will be offline for a while.
  restarting(): void {
    this.limit = RESTART_GIVE_UP;
  }

  // LEAST: ms to wait in any case.
  lost(why: Outcome, now: number, least = 0): Retry {
    this.since ??= now;
    const restarting = this.limit === RESTART_GIVE_UP;
    const again = why.again === 'auto'
      || (restarting && (why.key === 'offline' || why.key === 'ended-there'));
    if (!again || now - this.since >= this.limit) {
      this.established();     // the user may try again
      return { kind: 'over', outcome: why };
    }
    const delay = Math.max(least,
      DELAYS[Math.min(this.attempt, DELAYS.length - 1)] ?? 0);
    this.attempt += 1;
    return { kind: 'wait', until: now + delay, attempt: this.attempt };
  }
}
