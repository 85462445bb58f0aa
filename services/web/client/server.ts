// What the server says about itself and about who is signed in.
import { signal } from '@preact/signals';
import { outcome } from '../protocol/outcome';
import type { Outcome } from '../protocol/outcome';
import { explain, sentence } from '../ui/errors';
import { api, ApiError } from '../ui/http';
import { guestPermit, passFor, refusalOf } from './guest';
import { refusal } from './texts';

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
  readonly note: string;
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
  readonly expires_in?: number;       // seconds
  readonly ice_servers?: readonly RTCIceServer[];
}

// With an empty token for who is not signed in. Fails only for guests.
export async function ticket(id: string): Promise<Permit> {
  const pass = passFor(id);
  if (pass)
    return guestPermit(pass, id);
  const none = { token: '' };
  if (!me.value)
    return none;
  try {
    return await api.post<Permit>('/api/web/ticket', { id });
  } catch {
    return none;
  }
}

const AGAIN_S = 2;

// What E means to a guest's session. Only the server's word ends it; what is
// no such word (none came, too many asked, a fault) passes, after WAIT ms.
export function unpermitted(e: unknown): { outcome: Outcome; wait: number } {
  const why = refusalOf(e);
  const passes = e instanceof ApiError
    && (e.status === 0 || e.status === 429 || e.status >= 500);
  const text = why ? refusal(why) : passes ? explain(e).title : sentence(e);
  return {
    outcome: outcome('refused', passes ? 'auto' : 'never', text),
    wait: passes ? Math.max(AGAIN_S, e.retryAfter || 0) * 1000 : 0,
  };
}

interface Page<T> { readonly data?: readonly T[] }

interface Row {
  id?: string;
  info?: { device_name?: string; os?: string };
  note?: string;
}

const MOST = 1000;        // rows of one call

const platformOf = (os: string) => /windows/i.test(os) ? 'Windows'
  : /mac/i.test(os) ? 'Mac OS' : /android/i.test(os) ? 'Android'
    : os ? 'Linux' : '';

// The administrator may have switched the list off: then it is empty.
async function peers(): Promise<Page<Row>> {
  try {
    return await api.get<Page<Row>>('/api/peers',
      { query: { current: 1, pageSize: MOST, status: 1 } });
  } catch (e) {
    if (e instanceof ApiError && /disabled/.test(e.message))
      return {};
    throw e;
  }
}

// Devices that the user may reach.
export async function accessible(): Promise<readonly Device[]> {
  if (!me.value)
    return [];
  const page = await peers();
  return (page.data ?? []).flatMap((r) => r.id ? [{
    id: r.id, name: r.info?.device_name ?? '',
    platform: platformOf(r.info?.os ?? ''), note: r.note ?? '',
  }] : []);
}

export interface Book {
  readonly guid: string;
  readonly name: string;
  readonly own: boolean;
}

// The own address book first, then those that are shared with the user.
export async function books(): Promise<readonly Book[]> {
  if (!me.value)
    return [];
  const [own, shared] = await Promise.all([
    api.get<Omit<Book, 'own'>>('/api/ab/personal'),
    api.get<Page<Omit<Book, 'own'>>>('/api/ab/shared/profiles',
      { query: { current: 1, pageSize: MOST } })]);
  return [{ ...own, own: true },
    ...(shared.data ?? []).map((b) => ({ ...b, own: false }))];
}

interface BookRow {
  id?: string;
  alias?: string;
  hostname?: string;
  platform?: string;
  note?: string;
}

export async function entries(book: Book): Promise<readonly Device[]> {
  const page = await api.get<Page<BookRow>>('/api/ab/peers',
    { query: { ab: book.guid, current: 1, pageSize: MOST } });
  return (page.data ?? []).flatMap((r) => r.id ? [{
    id: r.id, name: r.alias || r.hostname || '', platform: r.platform ?? '',
    note: r.note ?? '',
  }] : []);
}
