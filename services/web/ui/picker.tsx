// Finds one thing among many by typing: a combobox whose list comes from the
// server (or from what is there already).
import { ChevronsUpDown, X } from 'lucide';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import { IconButton } from './controls';
import { Field, type FieldProps, useField } from './form';
import { Icon } from './icon';
import { t } from './texts';

export interface Found {
  value: string;
  label: string;
  hint?: string | undefined;
}

export type Find = (text: string) => Promise<readonly Found[]>;

const TYPING_MS = 120;

function useFound(find: Find, text: string, open: boolean) {
  const [list, setList] = useState<readonly Found[] | undefined>();
  useEffect(() => {
    if (!open)
      return undefined;
    let current = true;
    const timer = setTimeout(() => {
      void find(text).then((l) => { if (current) setList(l); },
        () => { if (current) setList([]); });
    }, list ? TYPING_MS : 0);
    return () => { current = false; clearTimeout(timer); };
  }, [text, open]);
  return list;
}

interface PickerProps {
  id?: string;
  label?: string; // where no visible label belongs to it
  find: Find;
  value: string; // what is shown while nothing is typed
  onPick: (found: Found | undefined) => void;
  clearable?: boolean | undefined;
  placeholder?: string | undefined;
  keepText?: boolean; // for adding several one after the other
  invalid?: boolean;
}

function onKey(e: KeyboardEvent, s: {
  open: boolean; at: number; list: readonly Found[];
  setAt: (n: number) => void; setOpen: (b: boolean) => void;
  pick: (f: Found) => void;
}): void {
  if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
    e.preventDefault();
    const n = s.list.length || 1;
    s.setOpen(true);
    s.setAt((s.at + (e.key === 'ArrowDown' ? 1 : -1) + n) % n);
  } else if (e.key === 'Enter' && s.open) {
    e.preventDefault();
    const found = s.list[s.at];
    if (found)
      s.pick(found);
  } else if (e.key === 'Escape' && s.open) {
    e.preventDefault();
    e.stopPropagation();
    s.setOpen(false);
  }
}

function Options({ id, list, at, pick }: {
  id: string; list: readonly Found[] | undefined; at: number;
  pick: (f: Found) => void;
}) {
  return (
    <ul class="options" role="listbox" id={id + 'l'}>
      {list?.map((f, i) => (
        <li key={f.value} role="option" id={`${id}o${i}`}
          aria-selected={i === at}
          onMouseDown={(e) => { e.preventDefault(); pick(f); }}>
          <span>{f.label}</span>
          {f.hint && <span class="hint">{f.hint}</span>}
        </li>
      ))}
      {list?.length === 0 && <li class="muted">{t('ui.noChoice')}</li>}
    </ul>
  );
}

export function Picker(p: PickerProps) {
  const own = useId();
  const id = p.id ?? own;
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState<string | undefined>();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const list = useFound(p.find, text ?? '', open);
  const pick = (found: Found | undefined) => {
    p.onPick(found);
    setText(undefined);
    setOpen(false);
  };
  const shownAt = Math.min(at, Math.max(0, (list?.length ?? 0) - 1));
  return (
    <span class="picker">
      <input ref={input} id={id} role="combobox" aria-label={p.label}
        aria-expanded={open} aria-controls={id + 'l'} aria-autocomplete="list"
        aria-invalid={p.invalid || undefined}
        aria-activedescendant={open && list?.length
          ? `${id}o${shownAt}` : undefined}
        autoComplete="off" spellcheck={false}
        placeholder={p.placeholder ?? t('ui.typeToFind')}
        value={text ?? p.value}
        onFocus={(e) => e.currentTarget.select()}
        onClick={() => setOpen(true)}
        onBlur={() => { setOpen(false); setText(undefined); }}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setOpen(true);
          setAt(0);
        }}
        onKeyDown={(e) => onKey(e,
          { open, at: shownAt, list: list ?? [], setAt, setOpen, pick })} />
      {p.clearable && p.value
        ? <IconButton small icon={X} label={t('ui.clear')}
          onClick={() => pick(undefined)} />
        : <Icon of={ChevronsUpDown} />}
      {open && <Options id={id} list={list} at={shownAt} pick={pick} />}
    </span>
  );
}

export function PickField(
  p: FieldProps & { find: Find; clearable?: boolean; placeholder?: string },
) {
  const f = useField(p);
  return (
    <Field id={f.id} of={p} error={f.error}>
      <Picker id={f.id} find={p.find} value={String(f.value ?? '')}
        clearable={p.clearable} placeholder={p.placeholder}
        invalid={Boolean(f.error)}
        onPick={(found) => f.set(found?.value ?? '')} />
    </Field>
  );
}

// Several things, each with a way out; the picker adds one more.
export function PickMany({ label, value, onChange, find, empty }: {
  label: string; value: readonly Found[];
  onChange: (now: readonly Found[]) => void; find: Find; empty?: string;
}) {
  return (
    <div class="many">
      {value.length === 0 && empty && <p class="muted">{empty}</p>}
      <ul class="chips">
        {value.map((v) => (
          <li key={v.value} class="chip">
            <span>{v.label}</span>
            <IconButton small icon={X}
              label={t('ui.removeNamed', { name: v.label })}
              onClick={() => onChange(value.filter((x) => x !== v))} />
          </li>
        ))}
      </ul>
      <Picker label={label} value="" find={async (text) =>
        (await find(text)).filter((f) => !value.some((v) => v.value === f.value))}
        onPick={(f) => { if (f) onChange([...value, f]); }} />
    </div>
  );
}
