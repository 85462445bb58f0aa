// A change of many whose server cannot be reached for a while, or fails.
import assert from 'node:assert/strict';
import test, { afterEach, beforeEach, mock } from 'node:test';

import { dismiss, progress, stop, update }
  from '../../../services/web/ui/list/bulk';
import { offerLeftJob, runJob } from '../../../services/web/ui/list/job';
import { api } from '../../../services/web/ui/http';

const JOB = { id: 'j', state: 'running', undo: false, total: 2, done: 0,
  changed: 0, refused: 0 };

// What the server answers, one call after the other.
let answers: [status: number, body: object][];
let calls: string[];
let sleepers: (() => void)[];

beforeEach(() => {
  calls = [];
  sleepers = [];
  mock.method(globalThis, 'setTimeout', (f: () => void) => sleepers.push(f));
  mock.method(globalThis, 'fetch', async (path: string, o: RequestInit) => {
    calls.push(`${o.method} ${path}`);
    const [status, body] = answers.shift() ?? [500, {}];
    return new Response(JSON.stringify(body), { status });
  });
});

afterEach(() => {
  mock.restoreAll();
  progress.value = undefined;
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < end, String(holds));
    await new Promise((done) => { setImmediate(done); });
  }
}

async function wake(): Promise<void> {
  await until(() => sleepers.length > 0);
  for (const f of sleepers.splice(0))
    f();
}

const left = (done: number): [number, object] =>
  [200, { job: { ...JOB, done } }];

const begin = (id: string) => api.post<never>('/api/devices/bulk', { id });

test('a change that waits for its server is seen, and goes on', async () => {
  answers = [[502, {}], [200, { ...JOB, state: 'done', done: 2, changed: 2 }]];
  const run = runJob('Title', begin, { touched: () => undefined });
  await until(() => progress.value?.waits === true);
  await wake();
  assert.equal(await run, true);
  assert.equal(calls.length, 2);
});

test('a change that was stopped while it waited does not happen', async () => {
  answers = [[502, {}], [200, JOB]];
  const run = runJob('Title', begin, { touched: () => undefined });
  await until(() => progress.value?.waits === true);
  update({ state: 'stopped' });
  await wake();
  assert.equal(await run, false);
  assert.deepEqual(calls.filter((c) => c.startsWith('POST')),
    ['POST /api/devices/bulk']);
});

test('a change that failed half way is offered, and blocks no other',
  async () => {
    answers = [[200, JOB], [500, {}], left(1), left(1), [200, JOB]];
    assert.equal(await runJob('Title', begin, { touched: () => undefined }),
      false);
    await until(() => calls.length === 3);
    await wake();
    await until(() => progress.value?.state === 'left');
    stop(progress.value!);
    await until(() => calls.at(-1) === 'DELETE /api/bulk/j');
  });

test('a change that another page works on, however slowly, is not offered',
  async () => {
    answers = [left(0), left(1)];
    const offered = offerLeftJob(() => undefined);
    await wake();
    await offered;
    assert.equal(progress.value, undefined);
  });

test('what another page left is gone on with, and nothing offers to undo it',
  async () => {
    answers = [left(1), left(1), [200, { ...JOB, state: 'done', done: 2,
      changed: 2, refused: 1 }], [200, { total: 0, data: [] }]];
    const offered = offerLeftJob(() => undefined);
    await wake();
    await offered;
    progress.value?.goOn?.();
    await until(() => progress.value?.state === 'done');
    assert.equal(progress.value?.undo, undefined);
  });

test('to close the dialog stops what runs here, not what was left', () => {
  const j = { title: '', total: 9, done: 1, refused: 0, failed: [] };
  progress.value = { ...j, state: 'running' };
  dismiss(progress.value);
  assert.equal(progress.value?.state, 'stopped');
  progress.value = { ...j, state: 'left',
    drop: () => assert.fail('stopped') };
  dismiss(progress.value);
  assert.equal(progress.value, undefined);
});
