// What the overview reads.

export interface Node {
  service: 'hbbs' | 'hbbr' | 'api';
  name: string;
  version: string;
  started: number;
  sessions?: number;
  bits_per_s?: number;
  draining?: boolean;
  address?: string;
}

export interface Attention {
  kind: 'node_draining' | 'versions_differ' | 'no_rendezvous' | 'no_relay'
    | 'redis_nearly_full' | 'redis_unsaved' | 'certificate_expired'
    | 'certificate_ends' | 'certificate_name';
  name: string;
}

export interface Certificate {
  state: 'none' | 'unknown' | 'expired' | 'wrong_name' | 'private' | 'trusted';
  name: string;
  expires: number; // 0: not known
  asked: number; // 0: never
  why: string;
}

export interface Redis {
  up: boolean;
  rtt_us: number;
  used: number;
  max: number; // 0: no limit
  replicas: number;
  replica: boolean;
  append_only: boolean;
  unsaved: boolean;
  saved: number;
}

export interface Refusals {
  service: Node['service'];
  reason: string;
  count: number;
}

export interface OverviewData {
  counting: boolean; // the list of devices is being built
  devices: number;
  devices_online: number;
  users: number;
  sessions: number;
  relay_sessions: number;
  relay_bits_per_s: number;
  alarms_24h: number;
  cloned_ids: number; // of several machines, and nobody has decided
  redis: Redis;
  certificate: Certificate;
  refusals: Refusals[];
  nodes: Node[];
  attention: Attention[];
}

export interface History {
  step_s: number;
  data: number[][];
}

export const COLUMNS = { devicesOnline: 1, devices: 2, sessions: 3,
  relaySessions: 4, relayBits: 5 } as const;

export type Column = keyof typeof COLUMNS;

// Times without a value are gaps, not zeroes.
export function series(h: History, column: Column): {
  times: number[]; values: (number | null)[];
} {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let last: number | undefined;
  for (const row of h.data) {
    const at = row[0]!;
    if (last !== undefined && at - last > 2 * h.step_s) {
      times.push(last + h.step_s);
      values.push(null);
    }
    times.push(at);
    values.push(row[COLUMNS[column]] ?? null);
    last = at;
  }
  return { times, values };
}

export function daysLeft(c: Certificate, now = Date.now() / 1000): number {
  return Math.max(0, Math.floor((c.expires - now) / 86400));
}
