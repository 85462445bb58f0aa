// Forms: label above, help below, the error under its field. What is typed
// and not saved survives leaving the page, apart from secrets.
import { createContext } from 'preact';
import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useId, useRef, useState }
  from 'preact/hooks';

import { Button } from './controls';
import { touch } from './data';
import { type Draft, overtaken, pick, same, saved, type Sent, sentOn,
  standing, typed, type Values } from './draft';
import { fieldOf, sentence } from './errors';
import { ApiError } from './http';
import { t } from './texts';
import { say } from './toast';

export interface FormOf<T extends object> {
  values: T;
  set: (changes: Partial<T>) => void;
  dirty: boolean;
  changed: Partial<T>;
  saving: boolean;
  error: string;
  errors: Readonly<Record<string, string>>;
  submit: () => Promise<boolean>;
  reset: () => void;
}

const SECRET = /password|secret|code|token/i;

const open = (of: Values) => pick(of, (name) => !SECRET.test(name));

function saveDraft(key: string, d: Draft): void {
  const changes = open(d.changes);
  if (Object.keys(changes).length > 0)
    sessionStorage.setItem('draft:' + key,
      JSON.stringify({ changes, base: open(d.base) }));
  else
    sessionStorage.removeItem('draft:' + key);
}

function readDraft(key: string | undefined): Draft {
  const none = { changes: {}, base: {} };
  try {
    return key ? { ...none, ...JSON.parse(
      sessionStorage.getItem('draft:' + key) ?? '{}') as Partial<Draft> }
      : none;
  } catch {
    return none;
  }
}

// The page shows what is there now; what was typed stays as a draft.
function sayConflict(): void {
  say(`${t('error.conflict')}. ${t('error.conflict.text')}`, { tone: 'bad' });
}

// A draft that outlives renders: a handler that was made before the last
// change was drawn must not undo it.
function useDraft(key: string | undefined) {
  const [draft, setDraft] = useState(() => readDraft(key));
  const now = useRef(draft);
  const put = (next: Draft) => {
    now.current = next;
    setDraft(next);
    if (key)
      saveDraft(key, next);
  };
  return { draft, now, put };
}

// What is there: INITIAL, and over it what was saved and is not read again
// yet. Secrets are read as nothing.
function useThere(initial: Values) {
  const sent = useRef<Sent | undefined>(undefined);
  sent.current = standing(sent.current, initial);
  return {
    there: { ...initial, ...sent.current?.over },
    took: (over: Values) => {
      sent.current = sentOn(initial, { ...sent.current?.over, ...open(over) });
    },
  };
}

// KEY names the draft; undefined keeps none: what is new begins empty again. SAVE gets everything, and what
// differs from INITIAL. INITIAL may change while the form is open (somebody
// else saved, this one did): the form follows it, apart from what was typed.
// Where both changed the same field, the first attempt to save says so.
export function useForm<T extends object>(
  key: string | undefined, initial: T,
  save: (values: T, changed: Partial<T>) => Promise<unknown>,
  check?: (values: T) => Record<string, string | false | undefined>,
  keep = false, // what was sent stays: a question rather than a change
): FormOf<T> {
  const { draft, now, put } = useDraft(key);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState('');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { there, took } = useThere(initial as Values);
  const values = { ...there, ...draft.changes } as T;
  const changed = pick(draft.changes,
    (name, v) => !same(v, there[name])) as Partial<T>;

  const reset = () => {
    put({ changes: {}, base: {} });
    setError('');
    setErrors({});
  };
  const fits = () => {
    const found = pick(check?.(values) ?? {}, (_n, v) => Boolean(v)) as
      Record<string, string>;
    setErrors(found);
    setError('');
    return Object.keys(found).length === 0;
  };
  const agreed = () => {
    const theirs = overtaken(now.current, there);
    if (theirs.length === 0)
      return true;
    sayConflict();
    put({ ...now.current, base: { ...now.current.base,
      ...pick(there, (n) => theirs.includes(n)) } });
    return false;
  };
  const refused = (e: unknown) => {
    const field = fieldOf(e);
    if (e instanceof ApiError && e.status === 412) {
      sayConflict();
      put({ ...now.current, base: {} }); // what comes now, he was told of
      touch(e.path, e.path.replace(/\/[^/]*$/, ''));
    } else if (field && field in values)
      setErrors({ [field]: sentence(e) });
    else
      setError(sentence(e));
  };
  const submit = async () => {
    if (!fits() || !agreed())
      return false;
    setSaving(true);
    try {
      const sent = now.current.changes;
      await save(values, changed);
      if (key)
        took(sent);
      if (!keep)
        put(saved(now.current, sent));
      return true;
    } catch (e) {
      refused(e);
      return false;
    } finally {
      setSaving(false);
    }
  };
  return {
    values, changed, dirty: Object.keys(changed).length > 0, saving, error,
    errors, submit, reset,
    set: (c) => put(typed(now.current, c as Values, there)),
  };
}

const Context = createContext<FormOf<Values> | undefined>(undefined);

export function useFormContext(): FormOf<Values> {
  return useContext(Context)!;
}

// Enter submits; the first field with an error gets the focus.
export function Form<T extends object>({ of, children, onDone, label }: {
  of: FormOf<T>; children: ComponentChildren; onDone?: () => void;
  label?: string;
}) {
  const ref = useRef<HTMLFormElement>(null);
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [of.errors]);
  return (
    <Context.Provider value={of as unknown as FormOf<Values>}>
      <form ref={ref} noValidate aria-label={label} onSubmit={(e) => {
        e.preventDefault();
        void of.submit().then((ok) => { if (ok) onDone?.(); });
      }}>
        {children}
        {of.error && <p class="error" role="alert">{of.error}</p>}
      </form>
    </Context.Provider>
  );
}

export function SaveBar({ action, always }: {
  action: string; always?: boolean;
}) {
  const form = useFormContext();
  return (
    <div class="save">
      <Button type="submit" kind="primary" busy={form.saving}
        disabled={!always && !form.dirty}>{action}</Button>
      {form.dirty && !always && <>
        <Button kind="quiet" onClick={form.reset}>{t('ui.discard')}</Button>
        <span class="muted" role="status">{t('ui.unsaved')}</span>
      </>}
    </div>
  );
}

export interface FieldProps {
  name: string;
  label: string;
  help?: ComponentChildren;
  optional?: boolean;
}

// What a control needs to belong to its label, help and error.
export function useField(p: FieldProps) {
  const form = useFormContext();
  const id = useId();
  const error = form.errors[p.name];
  const described = [p.help && id + 'h', error && id + 'e']
    .filter(Boolean).join(' ') || undefined;
  return {
    id, error, form, value: form.values[p.name],
    set: (value: unknown) => form.set({ [p.name]: value }),
    aria: {
      'aria-invalid': error ? true : undefined,
      'aria-describedby': described,
    },
  };
}

export function Field({ id, of, error, children }: {
  id: string; of: Pick<FieldProps, 'label' | 'help'>;
  error: string | undefined; children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{of.label}</label>
      {children}
      {error && <p class="error" id={id + 'e'}>{error}</p>}
      {of.help && <p class="help" id={id + 'h'}>{of.help}</p>}
    </div>
  );
}

interface TextProps extends FieldProps {
  type?: 'text' | 'email' | 'password' | 'url' | 'number' | 'date';
  autocomplete?: string;
  lines?: number;
  mono?: boolean;
  suffix?: string;
  placeholder?: string;
  min?: number;
  max?: number;
  autofocus?: boolean;
  oneTimeCode?: boolean;
}

// Password managers stay away from fields that are not the user's own.
function completion(p: TextProps): Record<string, unknown> {
  if (p.oneTimeCode)
    return { autoComplete: 'one-time-code', inputMode: 'numeric' };
  return {
    autoComplete: p.autocomplete
      ?? (p.type === 'password' ? 'new-password' : 'off'),
  };
}

export function TextField(p: TextProps) {
  const f = useField(p);
  const number = p.type === 'number';
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => { if (p.autofocus) ref.current?.focus(); }, []);
  const common = {
    id: f.id, name: p.name, ...f.aria, ...completion(p),
    class: p.mono || p.oneTimeCode ? 'mono' : '',
    placeholder: p.placeholder, value: String(f.value ?? ''),
    spellcheck: p.lines ? undefined : false,
  };
  return (
    <Field id={f.id} of={p} error={f.error}>
      {p.lines
        ? <textarea {...common} rows={p.lines}
          onInput={(e) => f.set(e.currentTarget.value)} />
        : <span class={p.suffix ? 'suffixed' : undefined}>
          <input {...common} ref={ref} type={(p.type ?? 'text') as 'text'}
            min={p.min} max={p.max}
            onInput={(e) => f.set(number && e.currentTarget.value !== ''
              ? Number(e.currentTarget.value) : e.currentTarget.value)} />
          {p.suffix && <span class="muted">{p.suffix}</span>}
        </span>}
    </Field>
  );
}

export interface Choice {
  value: string;
  label: string;
  help?: string;
}

export function SelectField(p: FieldProps & { options: readonly Choice[] }) {
  const f = useField(p);
  return (
    <Field id={f.id} of={p} error={f.error}>
      <select id={f.id} name={p.name} {...f.aria} value={String(f.value ?? '')}
        onChange={(e) => f.set(e.currentTarget.value)}>
        {p.options.map((o) => (
          <option key={o.value} value={o.value}>{o.label}</option>
        ))}
      </select>
    </Field>
  );
}

export function RadioField(p: FieldProps & { options: readonly Choice[] }) {
  const f = useField(p);
  return (
    <fieldset class="field radios">
      <legend>{p.label}</legend>
      {p.options.map((o) => (
        <label key={o.value} class="check">
          <input type="radio" name={f.id} value={o.value}
            checked={String(f.value ?? '') === o.value}
            onChange={() => f.set(o.value)} />
          <span>{o.label}{o.help && <small>{o.help}</small>}</span>
        </label>
      ))}
      {f.error && <p class="error" id={f.id + 'e'}>{f.error}</p>}
      {p.help && <p class="help" id={f.id + 'h'}>{p.help}</p>}
    </fieldset>
  );
}

export function CheckField(p: FieldProps) {
  const f = useField(p);
  return (
    <div class="field">
      <label class="check">
        <input type="checkbox" id={f.id} name={p.name} {...f.aria}
          checked={Boolean(f.value)}
          onChange={(e) => f.set(e.currentTarget.checked)} />
        <span>{p.label}{p.help && <small id={f.id + 'h'}>{p.help}</small>}</span>
      </label>
      {f.error && <p class="error" id={f.id + 'e'}>{f.error}</p>}
    </div>
  );
}

// What a field for VALUE shows: as it was typed while that still means VALUE,
// else VALUE as it is written.
export function useTyped<T>(
  value: T, write: (value: T) => string, read: (text: string) => T,
): [string, (text: string) => void] {
  const [text, setText] = useState(() => write(value));
  return [same(read(text), value) ? text : write(value), setText];
}

const NO_TEXTS: readonly string[] = [];
const readTexts = (text: string) =>
  text.split(/[\n,]/).map((s) => s.trim()).filter(Boolean);

// Texts, one per line or separated by commas.
export function ListField(p: FieldProps & { placeholder?: string }) {
  const f = useField(p);
  const value = (f.value as string[] | undefined) ?? NO_TEXTS;
  const [text, setText] = useTyped<readonly string[]>(
    value, (v) => v.join('\n'), readTexts);
  return (
    <Field id={f.id} of={p} error={f.error}>
      <textarea id={f.id} rows={Math.max(2, value.length + 1)} class="mono"
        spellcheck={false} placeholder={p.placeholder} {...f.aria} value={text}
        onInput={(e) => {
          setText(e.currentTarget.value);
          f.set(readTexts(e.currentTarget.value));
        }} />
    </Field>
  );
}

// A part of a page with one form and one button.
export function Section({ title, text, children, tone }: {
  title: string; text?: ComponentChildren; children: ComponentChildren;
  tone?: 'danger';
}) {
  const id = useId();
  return (
    <section class={tone ? 'part ' + tone : 'part'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {text && <p class="muted">{text}</p>}
      </header>
      <div>{children}</div>
    </section>
  );
}
