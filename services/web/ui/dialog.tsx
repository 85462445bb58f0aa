// Native dialogs: the browser keeps the focus inside and Escape closes.
import { signal } from '@preact/signals';
import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import { Button, IconButton } from './controls';
import { sentence } from './errors';
import { t } from './texts';

export function Dialog({ title, onClose, children, foot, wide }: {
  title: string; onClose: () => void; children: ComponentChildren;
  foot?: ComponentChildren; wide?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    // The first thing to fill in, not the way out.
    ref.current?.querySelector<HTMLElement>('.dialog-content :is(input, '
      + 'textarea, select), .dialog-content button, footer button')?.focus();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={ref} class={wide ? 'wide' : ''} aria-labelledby={id}
      onCancel={(e) => { e.preventDefault(); onClose(); }}
      onMouseDown={(e) => { if (e.target === ref.current) onClose(); }}>
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon={X} label={t('ui.close')} onClick={onClose} />
        </header>
        <div class="dialog-content">{children}</div>
        {foot && <footer>{foot}</footer>}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  more?: ComponentChildren; // below the text: what it leads to
  action: string;
  danger?: boolean;
  typed?: string | undefined; // to be typed before it can be done
  run: () => Promise<void>;
}

const question = signal<Question | undefined>(undefined);

// Asks before RUN; a failure is said in the dialog, which stays.
export function ask(q: Question): void {
  question.value = q;
}

function Typed({ name, onChange }: {
  name: string; onChange: (text: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t('ui.typeName', { name })}</label>
      <input id={id} autoComplete="off" spellcheck={false}
        onInput={(e) => onChange(e.currentTarget.value)} />
    </div>
  );
}

function Asking({ q }: { q: Question }) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const close = () => { question.value = undefined; };
  const run = async () => {
    setBusy(true);
    try {
      await q.run();
      close();
    } catch (e) {
      setError(sentence(e));
      setBusy(false);
    }
  };
  return (
    <Dialog title={q.title} onClose={close} foot={<>
      <Button onClick={close}>{t('ui.cancel')}</Button>
      <Button kind={q.danger ? 'danger' : 'primary'} busy={busy}
        disabled={q.typed !== undefined && typed !== q.typed}
        onClick={() => void run()}>{q.action}</Button>
    </>}>
      <p>{q.text}</p>
      {q.more}
      {q.typed !== undefined && <Typed name={q.typed} onChange={setTyped} />}
      {error && <p class="error" role="alert">{error}</p>}
    </Dialog>
  );
}

export function Questions() {
  const q = question.value;
  return q ? <Asking q={q} /> : null;
}
