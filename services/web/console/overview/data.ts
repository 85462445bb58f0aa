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
  kind: 'node_draining' | 'versions_differ' | 'no_rendezvous' | 'no_relay';
  name: string;
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
  redis: { up: boolean; rtt_us: number };
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
