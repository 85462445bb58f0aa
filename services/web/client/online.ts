// Which devices are online, asked of the ID server as native clients ask it.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { onlineRequest, onlineStates, readRendezvous }
  from '../protocol/rendezvous';
import { myId } from './profile';

const EVERY_MS = 10_000;
const ANSWER_MS = 5000;
const MOST = 500;         // ids of one question; the server takes 1000

// Devices that are not in it have not been asked about yet.
export const online = signal<ReadonlyMap<string, boolean>>(new Map());

// The server answers one question a connection.
function ask(ids: readonly string[]): Promise<readonly boolean[]> {
  return new Promise((done, failed) => {
    const url = new URL('/ws/id', location.origin.replace(/^http/, 'ws'));
    const socket = new WebSocket(url);
    const late = setTimeout(() => socket.close(), ANSWER_MS);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(onlineRequest(myId(), ids));
    socket.onmessage = (e: MessageEvent<ArrayBuffer>) => {
      try {
        const m = readRendezvous(new Uint8Array(e.data)).onlineResponse;
        if (m)
          done(onlineStates(m.states, ids.length));
      } catch (error) {
        failed(error);
      }
    };
    socket.onclose = () => {
      clearTimeout(late);
      failed(new Error('closed'));
    };
  });
}

async function refresh(ids: readonly string[]): Promise<void> {
  const asked = ids.slice(0, MOST);
  try {
    const states = await ask(asked);
    online.value = new Map(asked.map((id, i) => [id, states[i] ?? false]));
  } catch {
    // What was known last stays; the next question comes by itself.
  }
}

// Keeps the states of IDS fresh while the page is seen.
export function useOnline(ids: readonly string[]): void {
  const key = ids.join(' ');
  useEffect(() => {
    if (key === '')
      return undefined;
    const again = () => { if (!document.hidden) void refresh(ids); };
    again();
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [key]);
}
