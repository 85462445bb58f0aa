// What is under way: progress with speed and rest, pause, cancel.
import { useEffect, useRef } from 'preact/hooks';
import { Pause, Play, X } from 'lucide';

import { Button, IconButton, State } from '../../ui/controls';
import type { Tone } from '../../ui/controls';
import { bytes, duration, number } from '../../ui/format';
import type { JobState } from '../messages';
import { t } from '../texts';
import type { FileModel, Task } from './model';

const TONE: Readonly<Record<JobState['state'], Tone>> = {
  waiting: 'off', running: 'accent', paused: 'warn', interrupted: 'warn',
  done: 'good', failed: 'bad', cancelled: 'off',
};

// Bytes a second, smoothed over a few reports.
function useSpeed(job: JobState | undefined): number {
  const last = useRef({ bytes: 0, at: 0, speed: 0 });
  const now = performance.now();
  const was = last.current;
  const done = job?.bytes ?? 0;
  if (job?.state === 'running' && done > was.bytes && now - was.at > 150) {
    const speed = was.at === 0 ? 0
      : (done - was.bytes) / (now - was.at) * 1000;
    last.current = {
      bytes: done, at: now,
      speed: was.speed === 0 ? speed : was.speed * 0.7 + speed * 0.3,
    };
  }
  return last.current.speed;
}

const over = (s: JobState['state']) =>
  s === 'done' || s === 'failed' || s === 'cancelled';

function sentence(job: JobState | undefined, speed: number): string {
  if (!job || job.state === 'waiting')
    return '';
  if (job.state === 'failed')
    return job.error === 'lost' ? t('queue.lost') : job.error;
  if (job.total === 0)
    return '';
  const size = t('queue.of',
    { done: bytes(job.bytes), total: bytes(job.total) });
  if (job.state !== 'running' || speed === 0)
    return size;
  const rest = duration((job.total - job.bytes) / speed);
  return `${size} · ${bytes(speed, true)} · ${t('queue.rest', { rest })}`;
}

function Row({ model, task }: { model: FileModel; task: Task }) {
  const job = model.remote.jobs.value.get(task.id);
  const state = job?.state ?? 'waiting';
  const speed = useSpeed(job);
  useEffect(() => {
    if (over(state))
      model.finished(task.kind);
  }, [state]);
  const { id } = task;
  const transfer = task.kind === 'download' || task.kind === 'upload';
  return (
    <li class="job">
      <div class="job-text">
        <strong>{t(`queue.${task.kind}`, { name: task.name })}</strong>
        <span class="muted small">
          {job && job.files > 1
            && t('queue.files', {
              n: number(job.filesDone), total: number(job.files) }) + ' · '}
          {sentence(job, speed)}
        </span>
      </div>
      {transfer && !over(state) && (
        <progress value={job?.bytes ?? 0} max={Math.max(1, job?.total ?? 1)}
          aria-label={task.name} />
      )}
      <State tone={TONE[state]}>{t(`state.${state}`)}</State>
      {transfer && (state === 'running' || state === 'paused') && (
        <IconButton small icon={state === 'paused' ? Play : Pause}
          label={t(state === 'paused' ? 'queue.resume' : 'queue.pause')}
          onClick={() => model.remote.tell(
            { do: 'pause', id, paused: state !== 'paused' })} />
      )}
      <IconButton small icon={X}
        label={t(over(state) ? 'queue.drop' : 'queue.cancel')}
        onClick={() => {
          if (!over(state))
            model.remote.tell({ do: 'cancel', id });
          if (over(state) || state === 'waiting')
            model.drop(id);
        }} />
    </li>
  );
}

export function Queue({ model }: { model: FileModel }) {
  const tasks = model.tasks.value;
  if (tasks.length === 0)
    return null;
  const clear = () => tasks.filter((x) =>
    over(model.remote.jobs.value.get(x.id)?.state ?? 'waiting'))
    .forEach((x) => model.drop(x.id));
  return (
    <section class="queue" aria-label={t('queue.title')}>
      <header>
        <h2>{t('queue.title')}</h2>
        <span class="grow" />
        <Button small kind="quiet" onClick={clear}>{t('queue.clear')}</Button>
      </header>
      <ul aria-live="polite">
        {tasks.map((x) => <Row key={x.id} model={model} task={x} />)}
      </ul>
    </section>
  );
}
