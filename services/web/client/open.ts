// The device that is open, with one connection per kind of use.
import { signal } from '@preact/signals';
import type { Scope } from '../protocol/rendezvous';
import { passFor } from './guest';
import { Remote, shared } from './remote';
import type { Shared } from './remote';

export type Use = Scope;
export const USES: readonly Use[] =
  ['desktop', 'files', 'terminal', 'tunnel', 'camera'];

export interface Workspaces {
  readonly shared: Shared;
  readonly remotes: ReadonlyMap<Use, Remote>;
  readonly active: Use;
}

export const workspace = signal<Workspaces | undefined>(undefined);

export function openDevice(id: string, use: Use, password?: string): void {
  closeDevice();
  const s = shared(id, password);
  workspace.value = {
    shared: s, active: use, remotes: new Map([[use, new Remote(s, use)]]),
  };
  // A guest's secret is in memory alone: his address leads nowhere.
  if (!passFor(id))
    history.replaceState(null, '', `#id=${encodeURIComponent(id)}`
      + (use === 'desktop' ? '' : `&use=${use}`));
}

// Another use of the open device, or back to one.
export function switchTo(use: Use): void {
  const w = workspace.value;
  if (!w)
    return;
  const remotes = w.remotes.has(use) ? w.remotes
    : new Map(w.remotes).set(use, new Remote(w.shared, use));
  workspace.value = { ...w, remotes, active: use };
}

// The same use once more from its beginning.
export function renew(use: Use): void {
  const w = workspace.value;
  if (!w)
    return;
  w.remotes.get(use)?.leave();
  workspace.value = {
    ...w, remotes: new Map(w.remotes).set(use, new Remote(w.shared, use)),
  };
}

export function closeUse(use: Use): void {
  const w = workspace.value;
  const remote = w?.remotes.get(use);
  if (!w || !remote)
    return;
  remote.leave();
  const remotes = new Map(w.remotes);
  remotes.delete(use);
  const [next] = remotes.keys();
  if (next === undefined) {
    workspace.value = undefined;
    history.replaceState(null, '', location.pathname);
  } else {
    workspace.value = {
      ...w, remotes, active: w.active === use ? next : w.active,
    };
  }
}

export function closeDevice(): void {
  for (const use of [...workspace.value?.remotes.keys() ?? []])
    closeUse(use);
}

// "123 456 789" is how ids are written, "123456789" what they are.
export const cleanId = (text: string): string =>
  text.replace(/[\s\u202f\u00a0-]/g, '');

// A deep link: /web/#id=123456789&use=files. Secrets are never in it.
export function readLink(): void {
  const q = new URLSearchParams(location.hash.slice(1));
  const id = cleanId(q.get('id') ?? '');
  const use = USES.find((u) => u === q.get('use')) ?? 'desktop';
  if (id && !workspace.value)
    openDevice(id, use);
}

addEventListener('pagehide', (e) => {
  if (!e.persisted)
    closeDevice();
});
addEventListener('online', () => {
  for (const remote of workspace.value?.remotes.values() ?? [])
    remote.tell({ do: 'network' });
});
document.addEventListener('visibilitychange', () => {
  for (const remote of workspace.value?.remotes.values() ?? [])
    remote.tell({ do: 'hidden', hidden: document.hidden });
});
