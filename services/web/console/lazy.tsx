// Parts of the console that are loaded when they are shown. A part that is
// gone (a new version was rolled out) reloads the page once.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { ApiError, reachable } from '../ui/http';
import { Failure, Skeleton } from '../ui/states';
import { Page } from './page';

const loaded = new Map<unknown, ComponentType<never>>();
const RELOADED = 'reloaded-at';
const AGAIN_MS = 20_000;
const ASK_MS = 2000;

// Reloading while the server is away would leave the browser's own error.
async function answering(): Promise<void> {
  for (;;) {
    try {
      if ((await fetch('/api/version', { cache: 'no-store' })).ok) {
        reachable.value = true;
        return;
      }
    } catch {
      reachable.value = false;
    }
    await new Promise((done) => setTimeout(done, ASK_MS));
  }
}

export async function loadPart<P>(
  load: () => Promise<{ default: ComponentType<P> }>,
): Promise<ComponentType<P>> {
  try {
    const part = (await load()).default;
    loaded.set(load, part as ComponentType<never>);
    return part;
  } catch (e) {
    await answering();
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (navigator.onLine && Date.now() - last > AGAIN_MS) {
      sessionStorage.setItem(RELOADED, String(Date.now()));
      location.reload();
      await new Promise(() => undefined); // until the page is gone
    }
    throw e;
  }
}

export function usePart<P>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P> | undefined {
  const [, seen] = useState(0);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    setError(undefined);
    if (!loaded.has(load))
      loadPart(load).then(() => seen((n) => n + 1), setError);
  }, [load]);
  if (error)
    throw error;
  return loaded.get(load) as ComponentType<P> | undefined;
}

export function Waiting({ title }: { title: string }) {
  const lost = new ApiError(0, '', 'GET', location.pathname, '', 0);
  return (
    <Page title={title}>
      {reachable.value ? <Skeleton lines={6} /> : <Failure error={lost} />}
    </Page>
  );
}
