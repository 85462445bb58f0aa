// What was done, said once at the bottom, with Undo where there is one.
import { signal } from '@preact/signals';
import { X } from 'lucide';
import { useEffect } from 'preact/hooks';

import { Button, IconButton } from './controls';
import { sentence } from './errors';
import { t } from './texts';

interface Toast {
  id: number;
  text: string;
  tone: 'good' | 'bad';
  undo: (() => Promise<void>) | undefined;
}

const UNDO_MS = 10_000;
const READ_MS = 5_000;
const MAX_SHOWN = 3;
const shown = signal<readonly Toast[]>([]);
let next = 0;

export function say(
  text: string,
  o: { tone?: 'good' | 'bad'; undo?: () => Promise<void> } = {},
): void {
  const toast = { id: ++next, text, tone: o.tone ?? 'good', undo: o.undo };
  shown.value = [...shown.value, toast].slice(-MAX_SHOWN);
}

export function fail(error: unknown): void {
  say(sentence(error), { tone: 'bad' });
}

function drop(id: number): void {
  shown.value = shown.value.filter((x) => x.id !== id);
}

async function undo(toast: Toast): Promise<void> {
  drop(toast.id);
  try {
    await toast.undo!();
    say(t('ui.undone'));
  } catch (error) {
    fail(error);
  }
}

function One({ toast }: { toast: Toast }) {
  useEffect(() => {
    const ms = toast.undo || toast.tone === 'bad' ? UNDO_MS : READ_MS;
    const timer = setTimeout(() => drop(toast.id), ms);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div class={`toast ${toast.tone}`}>
      <span>{toast.text}</span>
      {toast.undo && (
        <Button small kind="quiet" onClick={() => void undo(toast)}>
          {t('ui.undo')}
        </Button>
      )}
      <IconButton small icon={X} label={t('ui.close')}
        onClick={() => drop(toast.id)} />
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((x) => <One key={x.id} toast={x} />)}
    </div>
  );
}
