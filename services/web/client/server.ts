// What the server says about itself and about who is signed in.
import { signal } from '@preact/signals';
import { api, ApiError } from '../ui/http';

export interface Config {
  readonly name: string;
  readonly server_key: string;
  readonly secure: boolean;
  readonly https_url?: string;
  readonly ice_servers?: readonly RTCIceServer[];
}

export interface Me {
  readonly name: string;
  readonly display_name?: string;
}

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
}

export const config = signal<Config | undefined>(undefined);
export const me = signal<Me | undefined>(undefined);

export async function load(): Promise<void> {
  const answer = await api.get<Config>('/api/web/config');
  try {
    me.value = await api.get<Me>('/api/currentUser', { quiet: true });
  } catch (e) {
    if (!(e instanceof ApiError) || e.status === 0 || e.status >= 500)
      throw e;
    me.value = undefined;
  }
  // Last: with it the page offers to connect, and has to know who does.
  config.value = answer;
}

// What the server gives to who begins a session.
export interface Permit {
  readonly token: string;             // for one device, of one minute
  readonly ice_servers?: readonly RTCIceServer[];
}

// With an empty token for who is not signed in.
export async function ticket(id: string): Promise<Permit> {
  const none = { token: '' };
  if (!me.value)
    return none;
  try {
    return await api.post<Permit>('/api/web/ticket', { id });
  } catch {
    return none;
  }
}

interface Row {
  id?: string;
  info?: { device_name?: string; os?: string };
  note?: string;
}

const platformOf = (os: string) => /windows/i.test(os) ? 'Windows'
  : /mac/i.test(os) ? 'Mac OS' : /android/i.test(os) ? 'Android'
    : os ? 'Linux' : '';

// Devices that the user may reach, the first hundred.
export async function accessible(): Promise<readonly Device[]> {
  if (!me.value)
    return [];
  const page = await api.get<{ data?: Row[] }>('/api/peers',
    { query: { current: 1, pageSize: 100, status: 1 } });
  return (page.data ?? []).flatMap((r) => r.id ? [{
    id: r.id, name: r.info?.device_name ?? '',
    platform: platformOf(r.info?.os ?? ''),
  }] : []);
}
