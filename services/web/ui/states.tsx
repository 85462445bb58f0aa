// A page that has nothing to show yet, nothing at all, or that failed.
import { TriangleAlert } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Button, Copy } from './controls';
import type { Data } from './data';
import { explain } from './errors';
import type { ApiError } from './http';
import { Icon } from './icon';
import { t } from './texts';

const PATIENCE_MS = 150; // shorter waits show nothing

export function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!waiting) {
      setLate(false);
      return undefined;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [waiting]);
  return late;
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  const late = useLate(true);
  return (
    <div class="skeleton" role="status" aria-label={t('ui.loading')}>
      {late && Array.from({ length: lines }, (_, i) => <i key={i} />)}
    </div>
  );
}

export function Empty({ title, children, action, docs }: {
  title: string; children?: ComponentChildren; action?: ComponentChildren;
  docs?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {(action || docs) && <div class="buttons">{action}{docs}</div>}
    </div>
  );
}

export function Failure(
  { error, retry }: { error: ApiError; retry?: () => void },
) {
  const { title, text } = explain(error);
  const reference = [error.method, error.path, error.status, error.reference]
    .filter(Boolean).join(' ');
  return (
    <div class="empty failure" role="alert">
      <h2><Icon of={TriangleAlert} size={20} /> {title}</h2>
      <p>{text}</p>
      <div class="buttons">
        {retry && <Button onClick={retry}>{t('ui.retry')}</Button>}
      </div>
      <p class="muted small"><Copy text={reference} /></p>
    </div>
  );
}

// The page of DATA: what is there, or why nothing is.
export function Loaded<T>({ data, lines, children }: {
  data: Data<T>; lines?: number;
  children: (value: T) => ComponentChildren;
}) {
  if (data.value !== undefined)
    return <>{children(data.value)}</>;
  if (data.error)
    return <Failure error={data.error} />;
  return <Skeleton lines={lines ?? 6} />;
}

export function Note({ tone = 'accent', title, children, action }: {
  tone?: 'accent' | 'warn' | 'bad' | 'good'; title?: string;
  children?: ComponentChildren; action?: ComponentChildren;
}) {
  return (
    <div class={`note ${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      <div>{title && <strong>{title}</strong>}{children && <p>{children}</p>}</div>
      {action}
    </div>
  );
}
