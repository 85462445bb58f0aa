// What this browser remembers: who it is to devices, the last devices, how
// the user likes pictures, and whether a device trusts it. No passwords.
import type { View } from './messages';

const RECENT = 24;

export interface Recent {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly at: number;            // Unix seconds
}

function read<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(name);
    return text === null ? fallback : JSON.parse(text) as T;
  } catch {
    return fallback;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: this visit only.
  }
}

const digits = () => String(crypto.getRandomValues(new Uint32Array(1))[0]! % 1e8)
  .padStart(8, '0');

// Stable per browser profile: devices show it, and their lists name it.
export function myId(): string {
  const kept = read('web.id', '');
  if (/^web-\d{8}$/.test(kept))
    return kept;
  const made = `web-${digits()}`;
  write('web.id', made);
  return made;
}

export function recents(): readonly Recent[] {
  const list = read<unknown>('web.recent', []);
  return Array.isArray(list) ? (list as Partial<Recent>[]).flatMap((r) =>
    typeof r.id === 'string' && typeof r.name === 'string'
      ? [{ id: r.id, name: r.name, platform: r.platform ?? '', at: r.at ?? 0 }]
      : []) : [];
}

export function remember(r: Recent): void {
  write('web.recent',
    [r, ...recents().filter((x) => x.id !== r.id)].slice(0, RECENT));
}

export function forget(id: string): void {
  write('web.recent', recents().filter((x) => x.id !== id));
}

export const DEFAULT_VIEW: View = {
  quality: 'balanced', fps: 30, codec: 'auto', fullColour: false,
  viewOnly: false, muted: false, showCursor: false, follow: false,
};

export function savedView(): View {
  const { quality, fps, codec, fullColour } =
    read<Partial<View>>('web.view', {});
  return {
    ...DEFAULT_VIEW,
    ...(quality !== undefined && { quality }), ...(fps && { fps }),
    ...(codec && { codec }), ...(fullColour !== undefined && { fullColour }),
  };
}

export const saveView = (v: View): void => write('web.view', v);

export type Scale = 'fit' | 'one' | 'stretch';
export interface Prefs {
  readonly scale: Scale;
  readonly touch: 'touchpad' | 'touch';
  readonly pinned: boolean;       // the toolbar stays
  readonly edge: 'top' | 'bottom';
}
const PREFS: Prefs = { scale: 'fit', touch: 'touchpad', pinned: false,
  edge: 'top' };
export const savedPrefs = (): Prefs =>
  ({ ...PREFS, ...read<Partial<Prefs>>('web.prefs', {}) });
export const savePrefs = (p: Prefs): void => write('web.prefs', p);

// --- trust: 32 random bytes in IndexedDB ------------------------------------

function database(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open('web', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('trust');
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function trust<T>(mode: IDBTransactionMode,
  run: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const db = await database();
    return await new Promise<T>((done, failed) => {
      const request = run(db.transaction('trust', mode).objectStore('trust'));
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  } catch {
    return undefined;
  }
}

export const trusted = (id: string): Promise<Uint8Array | undefined> =>
  trust('readonly', (s) => s.get(id) as IDBRequest<Uint8Array | undefined>);

export async function makeTrusted(id: string): Promise<Uint8Array> {
  const hwid = crypto.getRandomValues(new Uint8Array(32));
  await trust('readwrite', (s) => s.put(hwid, id));
  return hwid;
}
