// A change of many that the server works on, a second at a time: each answer
// says how far it is, and the next call goes on. It outlives its page.
import { worded } from '../errors';
import { api, ApiError, type Page, type Query } from '../http';
import { t } from '../texts';
import { fail, say } from '../toast';
import { type Failed, progress, update } from './bulk';

export interface Job {
  id: string;
  state: 'running' | 'done' | 'stopped';
  undo: boolean;
  total: number;
  done: number;
  changed: number;
  refused: number;
}

// Those that are named, or all that match.
export type Target = { guids: readonly string[] } | { matching: Query };

export interface JobOptions {
  undo?: boolean; // it can be undone
  touched: () => void; // what is shown is to be read again
}

const AGAIN_MS = 2000;
const LEFT_MS = 15_000; // who works on it, slowly too, is heard of by then
const REPORTED = 200; // rows

const sleep = (ms: number) => new Promise((done) => { setTimeout(done, ms); });

function passes(e: unknown): boolean {
  return e instanceof ApiError && (e.status === 0 || e.status === 429
    || e.status >= 502);
}

const runs = () => progress.value?.state === 'running';

// Until the server can be reached again, or the reader stops it: what he sees
// waiting does not happen after he has stopped it.
async function patiently(call: () => Promise<Job>): Promise<Job> {
  for (;;) {
    try {
      return await call();
    } catch (e) {
      if (!passes(e) || !runs())
        throw e;
      update({ waits: true });
      await sleep(AGAIN_MS);
      if (!runs())
        throw e;
    }
  }
}

async function drive(begin: () => Promise<Job>): Promise<Job> {
  let job = await patiently(begin);
  const path = '/api/bulk/' + job.id;
  for (;;) {
    update({ total: job.total, done: job.done, refused: job.refused,
      waits: false });
    if (job.state !== 'running')
      return job;
    if (progress.value?.state === 'stopped')
      return api.remove<Job>(path);
    job = await patiently(() => api.post<Job>(path));
  }
}

interface Row {
  name: string;
  why: string;
}

async function refusals(): Promise<Failed[]> {
  const rows = await api.get<Page<Row>>('/api/bulk',
    { query: { result: 'refused', pageSize: REPORTED } });
  return rows.data.map((r) => ({ name: r.name, why: worded(r.why) }));
}

async function end(title: string, job: Job, o: JobOptions): Promise<boolean> {
  const undo = o.undo && job.changed > 0 ? async () => {
    progress.value = undefined;
    await runJob(title, (id) => api.post(`/api/bulk/${job.id}/undo`, { id }),
      { touched: o.touched });
  } : undefined;
  if (job.state === 'done' && job.refused === 0) {
    progress.value = undefined;
    if (!job.undo)
      say(t('bulk.done', { n: job.changed }), undo ? { undo } : {});
    return true;
  }
  update({ state: job.state, refused: job.refused, undo,
    failed: job.refused > 0 ? await refusals() : [] });
  return false;
}

// BEGIN starts the job of that id, or goes on with it. True: all rows are done.
export async function runJob(
  title: string, begin: (id: string) => Promise<Job>, o: JobOptions,
): Promise<boolean> {
  const id = crypto.randomUUID();
  progress.value = { title, total: 0, done: 0, refused: 0, failed: [],
    state: 'running' };
  try {
    return await end(title, await drive(() => begin(id)), o);
  } catch (e) {
    progress.value = undefined;
    fail(e);
    // The server has it still, and would take no other.
    offerLeftJob(o.touched).catch(() => undefined);
    return false;
  } finally {
    o.touched();
  }
}

const own = () => api.get<{ job: Job | null }>('/api/bulk');

// Offers to go on with what a closed page, or one that lost its server, left.
export async function offerLeftJob(touched: () => void): Promise<void> {
  const seen = (await own()).job;
  if (seen?.state !== 'running' || progress.value)
    return;
  await sleep(LEFT_MS);
  const { job } = await own();
  if (job?.id !== seen.id || job.done !== seen.done || job.state !== 'running'
    || progress.value)
    return;
  const path = '/api/bulk/' + job.id;
  const title = t('bulk.left');
  progress.value = {
    title, total: job.total, done: job.done, refused: job.refused, failed: [],
    state: 'left',
    // What it was is not known, so neither whether it can be undone.
    goOn: () => void runJob(title, () => api.post<Job>(path), { touched }),
    drop: () => { api.remove(path).then(touched, fail); },
  };
}
