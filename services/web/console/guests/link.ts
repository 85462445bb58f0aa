// What a guest link is, in words.
import type { Tone } from '../../ui/controls';
import { deviceId, list, number } from '../../ui/format';
import { type Key, t } from '../texts';

export const GUEST_LINKS = '/api/guest-links';

export interface GuestLink {
  guid: string;
  user_name: string;
  own: boolean;
  may_revoke: boolean;
  devices: { id: string; name: string; online: boolean }[];
  created_at: number;
  expires_at: number;
  uses: number;         // 0: as many as wished
  used: number;
  last_used_at: number; // 0: never
  control_role_name: string;
  pin: boolean;
  note: string;
  state: 'active' | 'expired' | 'used' | 'revoked';
}

// Of the answer to the call that makes one, this once.
export interface MadeLink extends GuestLink {
  url: string;
  secret: string;
}

export const STATES: Record<GuestLink['state'], readonly [Tone, Key]> = {
  active: ['good', 'guests.state.active'],
  expired: ['off', 'guests.state.expired'],
  used: ['off', 'guests.state.used'],
  revoked: ['bad', 'guests.state.revoked'],
};

export function nameOf(l: GuestLink): string {
  return l.devices.length === 0 ? t('guests.noDevice')
    : list(l.devices.map((d) => d.name || deviceId(d.id)));
}

export function usesOf(l: GuestLink): string {
  return l.uses === 0 ? t('guests.usedAny', { n: l.used })
    : t('guests.usedOf', { used: number(l.used), n: number(l.uses) });
}

// The server does not always know its public name; this page does.
export function urlOf(l: MadeLink): string {
  return l.url || `${location.origin}/web/#guest=${l.secret}`;
}
