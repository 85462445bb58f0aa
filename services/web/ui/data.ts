// What was read from the API stays while it is read again: pages show old
// data until new data is there. Changes made here or elsewhere name a path;
// everything below it is read again.
import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { ApiError, address, type Query, send } from './http';

export interface Data<T> {
  value: T | undefined;
  etag: string | undefined;
  error: ApiError | undefined;
  loading: boolean;
}

interface Entry {
  state: Signal<Data<unknown>>;
  users: number;
  read: number; // when it was last asked for, ms
  again: boolean; // asked for while a call was under way
}

const MAX_IDLE = 100; // addresses remembered that no page shows
const entries = new Map<string, Entry>();

function entryOf(url: string): Entry {
  let e = entries.get(url);
  if (!e) {
    e = {
      state: signal<Data<unknown>>({
        value: undefined, etag: undefined, error: undefined, loading: false,
      }),
      users: 0, read: 0, again: false,
    };
    entries.set(url, e);
    forgetIdle();
  }
  return e;
}

function forgetIdle(): void {
  let idle = [...entries].filter(([, e]) => e.users === 0);
  for (const [url] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE)))
    entries.delete(url);
}

async function read(url: string, e: Entry): Promise<void> {
  if (e.state.peek().loading) {
    e.again = true;
    return;
  }
  e.read = Date.now();
  e.state.value = { ...e.state.peek(), loading: true };
  try {
    const { data, etag } = await send<unknown>('GET', url);
    e.state.value = { value: data, etag, error: undefined, loading: false };
  } catch (error) {
    e.state.value = {
      ...e.state.peek(), loading: false,
      error: error instanceof ApiError ? error
        : new ApiError(0, String(error), 'GET', url, '', 0),
    };
    // Heals by itself.
    if (error instanceof ApiError && (error.status === 0
        || error.status >= 500 || error.status === 429))
      setTimeout(() => { if (e.users > 0) void read(url, e); },
        Math.max(3, error.retryAfter) * 1000);
  }
  if (e.again) {
    e.again = false;
    void read(url, e);
  }
}

const none: Signal<Data<never>> = signal({
  value: undefined, etag: undefined, error: undefined, loading: false,
});

// The data at PATH; undefined asks for nothing. EVERY: read again after so
// many seconds while the page is visible.
export function useData<T>(
  path: string | undefined, query?: Query, every?: number,
): Data<T> {
  const url = path === undefined ? undefined : address(path, query);
  const entry = useMemo(() => url === undefined ? undefined : entryOf(url),
    [url]);
  useEffect(() => {
    if (!entry || url === undefined)
      return undefined;
    entries.set(url, entry);
    entry.users++;
    void read(url, entry);
    const timer = every
      ? setInterval(() => { if (!document.hidden) void read(url, entry); },
        every * 1000)
      : undefined;
    return () => {
      entry.users--;
      clearInterval(timer);
    };
  }, [entry, url, every]);
  return (entry?.state ?? none).value as Data<T>;
}

// Something below one of these paths has changed.
export function touch(...paths: string[]): void {
  for (const [url, e] of entries)
    if (paths.some((p) => url === p || url.startsWith(p + '/')
        || url.startsWith(p + '?'))) {
      if (e.users > 0)
        void read(url, e);
      else
        entries.delete(url);
    }
}

// Read before it is needed.
export async function prefetch<T>(path: string, query?: Query): Promise<T> {
  const url = address(path, query);
  const e = entryOf(url);
  await read(url, e);
  const { value, error } = e.state.peek();
  if (error)
    throw error;
  return value as T;
}

export function forgetAll(): void {
  for (const [url, e] of entries)
    if (e.users === 0)
      entries.delete(url);
}

// The whole page comes back after sleep or from another tab.
const STALE_MS = 30_000;
document.addEventListener('visibilitychange', () => {
  if (document.hidden)
    return;
  for (const [url, e] of entries)
    if (e.users > 0 && Date.now() - e.read > STALE_MS)
      void read(url, e);
});
