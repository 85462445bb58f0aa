// A guest link: /web/#guest=SECRET. The secret leaves the address before
// anything else is done, is kept in memory only, and is exchanged for a pass;
// the pass is exchanged for a token for each session.
import { signal } from '@preact/signals';

import { sentence } from '../ui/errors';
import { api, ApiError } from '../ui/http';
import type { Permit } from './server';

export type Refusal = 'unknown' | 'expired' | 'used' | 'revoked' | 'void'
  | 'device' | 'kind' | 'too_frequent';

export interface GuestDevice {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
}

export interface Pass {
  readonly pass: string;
  readonly user_name: string;       // who made the link
  readonly expires_at: number;      // Unix seconds, of the link
  readonly uses_left: number;       // -1: as many as wished
  readonly devices: readonly GuestDevice[];
  readonly permissions: Readonly<Record<string, string>>;
}

export type Guest =
  | { readonly is: 'asking' }
  | { readonly is: 'pin'; readonly error: string }
  | { readonly is: 'open'; readonly of: Pass }
  | { readonly is: 'refused'; readonly why: Refusal }
  | { readonly is: 'failed'; readonly text: string };

// undefined: nobody came by a guest link.
export const guest = signal<Guest | undefined>(undefined);

const REFUSALS: readonly Refusal[] = ['unknown', 'expired', 'used', 'revoked',
  'void', 'device', 'too_frequent'];
const REUSE_MS = 50_000;        // a token is good for a minute

interface Kept { until: number; readonly permit: Promise<Permit> }

let secret = '';
let pin = '';
const permits = new Map<string, Kept>();

// True if the address had a secret, which is not in it any more.
export function takeSecret(): boolean {
  const found = new URLSearchParams(location.hash.slice(1)).get('guest');
  if (found === null)
    return false;
  history.replaceState(null, '', location.pathname);
  forgetGuest();
  secret = found;
  guest.value = { is: 'asking' };
  return true;
}

export function forgetGuest(): void {
  secret = pin = '';
  permits.clear();
  guest.value = undefined;
}

// ADDRESS with the secret, for who has to open the link another way.
export function withSecret(address: string): string {
  return secret ? `${address.split('#')[0]}#guest=${encodeURIComponent(secret)}`
    : address;
}

export function refusalOf(e: unknown): Refusal | undefined {
  return e instanceof ApiError
    ? REFUSALS.find((r) => r === e.reason) : undefined;
}

const exchange = (given: string): Promise<Pass> =>
  api.post<Pass>('/api/web/guest', { secret, ...(given && { pin: given }) },
    { quiet: true });

// What the page shows after E.
function failed(e: unknown, given: string): Guest {
  const reason = e instanceof ApiError ? e.reason : '';
  if (reason === 'pin_wanted' || reason === 'pin_wrong')
    return { is: 'pin', error: given ? 'wrong' : '' };
  const why = refusalOf(e);
  if (why === 'too_frequent' && given)
    return { is: 'pin', error: 'often' };
  return why ? { is: 'refused', why } : { is: 'failed', text: sentence(e) };
}

// Looking does not count as a use. GIVEN is the PIN.
export async function openGuest(given = pin): Promise<void> {
  const mine = secret;
  const now: Guest = await exchange(given)
    .then((of): Guest => ({ is: 'open', of }), (e) => failed(e, given));
  if (secret !== mine || !guest.value)
    return;                 // another link was opened meanwhile, or none
  guest.value = now;
  if (now.is === 'open')
    pin = given;
}

// The link that leads to the device, if the guest came by one.
export function passFor(id: string): Pass | undefined {
  const g = guest.value;
  return g?.is === 'open' && g.of.devices.some((d) => d.id === id)
    ? g.of : undefined;
}

async function freshPermit(of: Pass, id: string): Promise<Permit> {
  const mine = secret;
  const ask = (pass: string) => api.post<Permit>('/api/web/guest/ticket',
    { pass, id }, { quiet: true });
  try {
    return await ask(of.pass);
  } catch (e) {
    if (!(e instanceof ApiError) || e.reason !== 'pass')
      throw e;
    const again = await exchange(pin);
    if (secret === mine && guest.value)
      guest.value = { is: 'open', of: again };
    return ask(again.pass);
  }
}

// Connections that begin within a minute are one use: they share a token, and
// wait for the same one.
export function guestPermit(of: Pass, id: string): Promise<Permit> {
  const now = Date.now();
  const old = permits.get(id);
  if (old && now < old.until)
    return old.permit;
  const kept: Kept = { until: now + REUSE_MS, permit: freshPermit(of, id) };
  permits.set(id, kept);
  kept.permit.then(({ expires_in: life }) => {
    // The server may give it less, as its link ends.
    if (life !== undefined)
      kept.until = Math.min(kept.until, now + life * 1000);
  }, () => {
    if (permits.get(id) === kept)
      permits.delete(id);
  });
  return kept.permit;
}
