// Changes made elsewhere. One tab of a browser holds the stream and passes it
// on to the others; the lock decides which one, and passes on when it closes.
import { effect, signal } from '@preact/signals';

import { touch } from '../ui/data';
import { reachable } from '../ui/http';
import { me } from './session';

interface Change {
  kind: string;
  guid?: string;
}

// What is read again after a change of a kind.
const PATHS: Record<string, readonly string[]> = {
  device: ['/api/web/devices', '/api/devices', '/api/peers'],
  user: ['/api/users'],
  usergroup: ['/api/user-groups'],
  devicegroup: ['/api/device-groups'],
  strategy: ['/api/strategies', '/api/devices'],
  controlrole: ['/api/control-roles'],
  adminrole: ['/api/admin-roles'],
  book: ['/api/ab'],
  rule: ['/api/ab/rules'],
  apitoken: ['/api/tokens'],
  webhook: ['/api/webhooks'],
  ban: ['/api/bans'],
  clone: ['/api/devices/clones', '/api/web/overview'],
  settings: ['/api/settings'],
  session: ['/api/web/sessions/own'],
  'audit-conn': ['/api/audits/conn', '/api/web/sessions'],
  'audit-file': ['/api/audits/file'],
  'audit-alarm': ['/api/audits/alarm'],
  'audit-console': ['/api/audits/console'],
};

// Many changes at once are one reading.
const TOGETHER_MS = 400;
const pending = new Set<string>();
let timer = 0;

export const streaming = signal(false);

function flush(): void {
  timer = 0;
  touch(...pending);
  pending.clear();
}

function apply(change: Change): void {
  if (change.kind === 'reset')
    for (const list of Object.values(PATHS))
      for (const p of list)
        pending.add(p);
  for (const p of PATHS[change.kind] ?? [])
    pending.add(p);
  timer ||= setTimeout(flush, TOGETHER_MS);
}

const others = new BroadcastChannel('changes');
others.onmessage = (e: MessageEvent<Change>) => apply(e.data);

function publish(change: Change): void {
  apply(change);
  others.postMessage(change);
}

function stream(): EventSource {
  const source = new EventSource('/api/web/events');
  source.addEventListener('change', (e) => {
    publish(JSON.parse((e as MessageEvent<string>).data) as Change);
  });
  source.addEventListener('reset', () => publish({ kind: 'reset' }));
  source.onopen = () => {
    streaming.value = true;
    if (!reachable.peek())
      publish({ kind: 'reset' });
    reachable.value = true;
  };
  source.onerror = () => { streaming.value = false; };
  return source;
}

// Browsers give up after an answer other than 200; this does not.
const AGAIN_MS = 5000;

function hold(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    let source = stream();
    const watch = setInterval(() => {
      if (source.readyState === EventSource.CLOSED)
        source = stream();
    }, AGAIN_MS);
    signal.addEventListener('abort', () => {
      clearInterval(watch);
      source.close();
      streaming.value = false;
      done();
    });
  });
}

export function startLive(): void {
  let stop: AbortController | undefined;
  effect(() => {
    const signedIn = me.value !== undefined;
    if (signedIn === (stop !== undefined))
      return;
    stop?.abort();
    stop = undefined;
    if (!signedIn)
      return;
    const mine = stop = new AbortController();
    navigator.locks.request('changes', { signal: mine.signal },
      () => hold(mine.signal)).catch(() => undefined);
  });
}
