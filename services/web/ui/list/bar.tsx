// What stands above a table: search, filters as chips in words, views,
// columns; or, while rows are chosen, what can be done with them.
import { Columns3, Download, ListFilter, Save, Star, Trash2, X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Button, IconButton } from '../controls';
import { Dialog } from '../dialog';
import { Form, TextField, useForm } from '../form';
import { number } from '../format';
import { type Items, Menu } from '../menu';
import { Picker } from '../picker';
import { t } from '../texts';
import type { Selection } from './select';
import { change, type Filter, type Memory, type View } from './view';

const TYPING_MS = 200;

export function SearchBox({ value, label }: { value: string; label: string }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => setText(value), [value]);
  return (
    <input type="search" class="search" data-search aria-label={label}
      placeholder={label} value={text} autoComplete="off"
      onInput={(e) => {
        const now = e.currentTarget.value;
        setText(now);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => change({ q: now }), TYPING_MS);
      }} />
  );
}

function FilterDialog({ filter, onClose }: {
  filter: Filter; onClose: () => void;
}) {
  const form = useForm(undefined, { value: '' }, async ({ value }) => {
    change({ [filter.id]: filter.read?.(value) ?? value });
  });
  const done = (value: string | undefined) => {
    if (value)
      change({ [filter.id]: value });
    onClose();
  };
  return (
    <Dialog title={filter.label} onClose={onClose}>
      {filter.find
        ? <Picker label={filter.label} find={filter.find} value=""
          onPick={(f) => done(f?.value)} />
        : <Form of={form} onDone={onClose}>
          <TextField name="value" label={filter.label} autofocus />
          <Button type="submit" kind="primary">{t('table.filter')}</Button>
        </Form>}
    </Dialog>
  );
}

function filterItems(
  filters: readonly Filter[], view: View, open: (f: Filter) => void,
): Items {
  return filters.flatMap((f): Items => f.options
    ? [...f.options.map((o) => ({
      label: `${f.label}: ${o.label}`,
      checked: view.filters[f.id] === o.value,
      run: () => change({
        [f.id]: view.filters[f.id] === o.value ? undefined : o.value,
      }),
    })), 'line']
    : [{ label: f.label + '…', run: () => open(f) }]);
}

export function Filters({ filters, view }: {
  filters: readonly Filter[]; view: View;
}) {
  const [open, setOpen] = useState<Filter | undefined>();
  if (filters.length === 0)
    return null;
  return (
    <>
      <Menu icon={ListFilter} label={t('table.filters')} kind="plain"
        items={filterItems(filters, view, setOpen)}>
        {t('table.filter')}
      </Menu>
      {open && <FilterDialog filter={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function words(f: Filter, value: string): string {
  const option = f.options?.find((o) => o.value === value);
  return f.say?.(value) ?? `${f.label}: ${option?.label ?? value}`;
}

export function FilterChips({ filters, view }: {
  filters: readonly Filter[]; view: View;
}) {
  const set = filters.filter((f) => view.filters[f.id] !== undefined);
  if (set.length === 0)
    return null;
  return (
    <ul class="chips" aria-label={t('table.filters')}>
      {set.map((f) => {
        const text = words(f, view.filters[f.id]!);
        return (
          <li key={f.id} class="chip accent">
            <span>{text}</span>
            <IconButton small icon={X} label={t('ui.removeNamed', { name: text })}
              onClick={() => change({ [f.id]: undefined })} />
          </li>
        );
      })}
      <li>
        <Button small kind="quiet" onClick={() => change(Object.fromEntries(
          set.map((f) => [f.id, undefined])))}>
          {t('table.clearFilters')}
        </Button>
      </li>
    </ul>
  );
}

function NameView({ memory, onClose }: {
  memory: Memory; onClose: () => void;
}) {
  const form = useForm(undefined, { name: '' },
    async ({ name }) => memory.save(name.trim()),
    ({ name }) => ({ name: !name.trim() && t('ui.required') }));
  return (
    <Dialog title={t('table.saveView')} onClose={onClose}>
      <Form of={form} onDone={onClose}>
        <TextField name="name" label={t('table.viewName')} autofocus />
        <Button type="submit" kind="primary">{t('ui.save')}</Button>
      </Form>
    </Dialog>
  );
}

export function Views({ memory }: { memory: Memory }) {
  const [naming, setNaming] = useState(false);
  const views = memory.views.value;
  return (
    <>
      <Menu icon={Star} label={t('table.views')} kind="quiet"
        head={views.length === 0
          ? <p class="menu-note">{t('table.noViews')}</p> : undefined}
        items={[
          ...views.map((v) => ({ label: v.name, run: () => memory.open(v) })),
          ...(views.length > 0 ? ['line' as const] : []),
          { label: t('table.saveView'), icon: Save,
            run: () => setNaming(true) },
          ...views.map((v) => ({
            label: t('table.deleteView', { name: v.name }), icon: Trash2,
            run: () => memory.remove(v.name),
          })),
        ]} />
      {naming && <NameView memory={memory} onClose={() => setNaming(false)} />}
    </>
  );
}

export interface ColumnName {
  id: string;
  title: string;
}

export function Columns({ columns, memory }: {
  columns: readonly ColumnName[]; memory: Memory;
}) {
  const hidden = memory.hidden.value;
  return (
    <Menu icon={Columns3} label={t('table.columns')}
      items={columns.map((c) => ({
        label: c.title, checked: !hidden.includes(c.id),
        run: () => memory.toggle(c.id),
      }))} />
  );
}

export function ExportButton({ run }: { run: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  return (
    <IconButton icon={Download} label={t('table.export')} busy={busy}
      onClick={() => {
        setBusy(true);
        void run().finally(() => setBusy(false));
      }} />
  );
}

// Takes the place of search and filters while rows are chosen.
export function SelectionBar({ selection, total, pageFull, children }: {
  selection: Selection; total: number; pageFull: boolean;
  children: ComponentChildren;
}) {
  const { keys, all } = selection.state.value;
  const n = all ? total : keys.size;
  return (
    <div class="bar selection" role="region"
      aria-label={t('table.selected', { n })}>
      <strong role="status">{t('table.selected', { n })}</strong>
      {!all && pageFull && total > keys.size && (
        <Button small kind="quiet" onClick={selection.everything}>
          {t('table.selectMatching', { n: number(total) })}
        </Button>
      )}
      <span class="grow" />
      {children}
      <IconButton icon={X} label={t('table.unselect')}
        onClick={selection.clear} />
    </div>
  );
}
