// One change for many rows: progress that can be stopped, and a report of
// the rows that were not changed.
import { signal } from '@preact/signals';

import { Button } from '../controls';
import { Dialog } from '../dialog';
import { sentence } from '../errors';
import { number } from '../format';
import { t } from '../texts';
import { say } from '../toast';

interface Failed {
  name: string;
  why: string;
}

interface Running {
  title: string;
  total: number;
  done: number;
  failed: readonly Failed[];
  state: 'running' | 'stopped' | 'done';
}

const AT_ONCE = 4; // calls under way
const job = signal<Running | undefined>(undefined);

export interface Step<T> {
  rows: readonly T[];
  // Answers with the rows that failed and why; throws if all did.
  run: (rows: readonly T[]) => Promise<readonly Failed[]>;
}

// One call for each row.
export function each<T>(
  rows: readonly T[], name: (row: T) => string,
  run: (row: T) => Promise<unknown>,
): Step<T>[] {
  return rows.map((row) => ({
    rows: [row],
    run: async () => {
      try {
        await run(row);
        return [];
      } catch (e) {
        return [{ name: name(row), why: sentence(e) }];
      }
    },
  }));
}

function update(changes: Partial<Running>): void {
  if (job.value)
    job.value = { ...job.value, ...changes };
}

async function worker<T>(queue: Step<T>[]): Promise<void> {
  for (;;) {
    const step = job.value?.state === 'running' ? queue.shift() : undefined;
    if (!step)
      return;
    let failed: readonly Failed[];
    try {
      failed = await step.run(step.rows);
    } catch (e) {
      failed = step.rows.map((_, i) => ({ name: String(i + 1), why: sentence(e) }));
    }
    update({
      done: (job.value?.done ?? 0) + step.rows.length,
      failed: [...job.value?.failed ?? [], ...failed],
    });
  }
}

// Runs the steps; resolves to true if every row was changed.
export async function runBulk<T>(
  title: string, steps: readonly Step<T>[],
  undo?: () => Promise<void>,
): Promise<boolean> {
  const queue = [...steps];
  const total = steps.reduce((n, s) => n + s.rows.length, 0);
  job.value = { title, total, done: 0, failed: [], state: 'running' };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(queue)));
  const end = job.value;
  const good = end.failed.length === 0 && end.done === total;
  if (good) {
    job.value = undefined;
    say(t('bulk.done', { n: total }), undo ? { undo } : {});
  } else {
    update({ state: end.done < total ? 'stopped' : 'done' });
  }
  return good;
}

function Report({ failed }: { failed: readonly Failed[] }) {
  return (
    <>
      <h3>{t('bulk.report')}</h3>
      <ul class="report">
        {failed.map((f, i) => <li key={i}><b>{f.name}</b> {f.why}</li>)}
      </ul>
    </>
  );
}

export function BulkProgress() {
  const j = job.value;
  if (!j || (j.total < 3 && j.state === 'running'))
    return null;
  const running = j.state === 'running';
  const close = () => {
    if (running)
      update({ state: 'stopped' });
    else
      job.value = undefined;
  };
  return (
    <Dialog title={j.title} onClose={close} foot={
      <Button onClick={close}>{t(running ? 'bulk.stop' : 'ui.close')}</Button>}>
      <progress value={j.done} max={j.total} aria-label={j.title} />
      <p role="status">
        {t('bulk.progress', { done: number(j.done), total: number(j.total) })}
        {j.failed.length > 0
          && ' · ' + t('bulk.failed', { n: j.failed.length })}
      </p>
      {j.state === 'stopped' && <p>{t('bulk.stopped')}</p>}
      {!running && j.failed.length > 0 && <Report failed={j.failed} />}
    </Dialog>
  );
}
