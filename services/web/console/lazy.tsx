// Parts of the console that are loaded when they are shown. A part that is
// gone (a new version was rolled out) reloads the page once.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Skeleton } from '../ui/states';

const loaded = new Map<unknown, ComponentType<never>>();
const RELOADED = 'reloaded-at';
const AGAIN_MS = 20_000;

export async function loadPart<P>(
  load: () => Promise<{ default: ComponentType<P> }>,
): Promise<ComponentType<P>> {
  try {
    const part = (await load()).default;
    loaded.set(load, part as ComponentType<never>);
    return part;
  } catch (e) {
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (navigator.onLine && Date.now() - last > AGAIN_MS) {
      sessionStorage.setItem(RELOADED, String(Date.now()));
      location.reload();
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

export function Waiting() {
  return <main class="content"><Skeleton lines={6} /></main>;
}
