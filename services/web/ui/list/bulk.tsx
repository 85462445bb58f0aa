// One change for many rows: progress that can be stopped, and a report of
// the rows that were not changed.
import { signal } from '@preact/signals';

import { Button } from '../controls';
import { Dialog } from '../dialog';
import { sentence } from '../errors';
import { number } from '../format';
import { t } from '../texts';
import { say } from '../toast';

export interface Failed {
  name: string;
  why: string;
}

interface Running {
  title: string;
  total: number;
  done: number;
  refused: number;
  failed: readonly Failed[]; // the first of the refused
  state: 'running' | 'stopped' | 'done' | 'left'; // left: by another page
  waits?: boolean; // for a server that cannot be reached
  undo?: (() => Promise<void>) | undefined;
  goOn?: () => void; // with what was left
  drop?: () => void; // … or end it
}

const AT_ONCE = 4; // calls under way
export const progress = signal<Running | undefined>(undefined);

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

export function update(changes: Partial<Running>): void {
  if (progress.value)
    progress.value = { ...progress.value, ...changes };
}

async function worker<T>(queue: Step<T>[]): Promise<void> {
  for (;;) {
    const step = progress.value?.state === 'running' ? queue.shift() : undefined;
    if (!step)
      return;
    let failed: readonly Failed[];
    try {
      failed = await step.run(step.rows);
    } catch (e) {
      failed = step.rows.map((_, i) => ({ name: String(i + 1), why: sentence(e) }));
    }
    const all = [...progress.value?.failed ?? [], ...failed];
    update({
      done: (progress.value?.done ?? 0) + step.rows.length,
      failed: all, refused: all.length,
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
  progress.value = { title, total, done: 0, refused: 0, failed: [],
    state: 'running' };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(queue)));
  const end = progress.value as Running | undefined;
  if (!end) // stopped, and closed before the last calls came back
    return false;
  const good = end.failed.length === 0 && end.done === total;
  if (good) {
    progress.value = undefined;
    say(t('bulk.done', { n: total }), undo ? { undo } : {});
  } else {
    update({ state: end.done < total ? 'stopped' : 'done' });
  }
  return good;
}

function Report({ failed, refused }: {
  failed: readonly Failed[]; refused: number;
}) {
  return (
    <>
      <h3>{t('bulk.report')}</h3>
      <ul class="report">
        {failed.map((f, i) => <li key={i}><b>{f.name}</b> {f.why}</li>)}
        {refused > failed.length && (
          <li class="muted">{t('bulk.more', { n: refused - failed.length })}
          </li>)}
      </ul>
    </>
  );
}

const hide = () => { progress.value = undefined; };

export function stop(j: Running): void {
  if (j.state === 'running') {
    update({ state: 'stopped' });
  } else {
    hide();
    j.drop?.();
  }
}

// The dialog is closed. Another page may work on what was left: only its
// button stops that.
export const dismiss = (j: Running) =>
  j.state === 'running' ? stop(j) : hide();

function Foot({ j }: { j: Running }) {
  const over = j.state === 'done' || j.state === 'stopped';
  const undo = j.undo;
  return (
    <>
      {undo && <Button onClick={() => void undo()}>{t('ui.undo')}</Button>}
      {over ? <Button onClick={hide}>{t('ui.close')}</Button>
        : <Button onClick={() => stop(j)}>{t('bulk.stop')}</Button>}
      {j.state === 'left' && (
        <Button kind="primary" onClick={j.goOn}>{t('bulk.goOn')}</Button>)}
    </>
  );
}

export function BulkProgress() {
  const j = progress.value;
  if (!j || (j.total < 3 && j.state === 'running' && !j.waits))
    return null;
  const over = j.state === 'done' || j.state === 'stopped';
  return (
    <Dialog title={j.title} onClose={() => dismiss(j)}
      foot={<Foot j={j} />}>
      {j.state === 'left' && <p>{t('bulk.left.text')}</p>}
      <progress value={j.done} max={j.total || 1} aria-label={j.title} />
      <p role="status">
        {t('bulk.progress', { done: number(j.done), total: number(j.total) })}
        {j.refused > 0 && ' · ' + t('bulk.failed', { n: j.refused })}
      </p>
      {j.state === 'stopped' && <p>{t('bulk.stopped')}</p>}
      {over && j.refused > 0
        && <Report failed={j.failed} refused={j.refused} />}
    </Dialog>
  );
}
