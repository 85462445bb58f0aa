// The microphone of a call, with a browser that is pretended.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Microphone } from '../../../services/web/client/audio/microphone';
import { ring } from '../../../services/web/client/call';
import type { FromWorker } from '../../../services/web/client/messages';
import type { Remote } from '../../../services/web/client/remote';
import type { Link } from '../../../services/web/client/worker/link';
import { Voice } from '../../../services/web/client/worker/voice';
import type { Outgoing } from '../../../services/web/protocol/message';
import { until } from './until';

let live = 0;           // tracks and audio threads that are open
let module: () => Promise<void>;

class Context {
  readonly audioWorklet = { addModule: () => module() };

  constructor() {
    live += 1;
  }

  createMediaStreamSource() {
    return { disconnect: () => undefined };
  }

  async close(): Promise<void> {
    live -= 1;
  }
}

beforeEach(() => {
  live = 0;
  module = async () => undefined;
  Object.assign(globalThis, {
    AudioContext: Context, AudioEncoder: class {},
    document: { documentElement: { dataset: { player: 'p.js' } },
      baseURI: 'https://rd.example.com/web/' },
  });
  const getUserMedia = async () => {
    live += 1;
    return { getTracks: () => [{ stop: () => { live -= 1; } }] };
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true,
    value: { mediaDevices: { getUserMedia } } });
});

test('a session that was closed while the browser asked leaves no microphone '
  + 'on, and rings nobody', async () => {
  const told: unknown[] = [];
  let asked = false;
  module = async () => { asked = true; };
  ring({ tell: (m: unknown) => { told.push(m); } } as unknown as Remote);
  await until('the question', () => asked);
  await until('all is closed', () => live === 0);
  assert.deepEqual(told, []);
});

test('an audio part that does not come leaves nothing open', async () => {
  module = () => Promise.reject(new DOMException('gone', 'AbortError'));
  assert.equal(await Microphone.open(), 'busy');
  assert.equal(live, 0);
});

test('nobody is rung while there is no session', () => {
  const posted: Outgoing[] = [];
  const said: FromWorker[] = [];
  const link = { alive: false, post: (...m: Outgoing[]) => {
    posted.push(...m);
  } };
  const voice = new Voice(link as unknown as Link, (m) => { said.push(m); });
  voice.step('start');
  assert.deepEqual(posted, []);
  assert.deepEqual(said, [{ say: 'call', state: 'none', news: undefined }]);
  link.alive = true;
  voice.step('start');
  assert.equal(posted.length, 1);
  assert.deepEqual(said.at(-1),
    { say: 'call', state: 'calling', news: undefined });
});
