// A whole list: bar, table, pages, and every state it can be in.
import { ChevronLeft, ChevronRight } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import { Button, IconButton } from '../controls';
import { type Data, useData } from '../data';
import { number } from '../format';
import { api, type Page, type Query } from '../http';
import type { Items } from '../menu';
import { Empty, Failure } from '../states';
import { t } from '../texts';
import { fail, say } from '../toast';
import { Columns, ExportButton, FilterChips, Filters, SearchBox,
  SelectionBar, Views } from './bar';
import { csv, download } from './csv';
import type { Target } from './job';
import { type Selection, useSelection } from './select';
import { type Column, onTableKey, Table } from './table';
import { change, type Filter, memory, readView, serverQuery, SIZES, type View }
  from './view';

const EVERYTHING = 1000; // rows of a call that reads all that match
const MAX_LOCAL = 1000; // lists below this are sorted in the page

export interface ListProps<T> {
  id: string;
  label: string;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  nameOf: (row: T) => string;
  href?: (row: T) => string;
  open?: (row: T) => void;
  menu?: (row: T) => Items;
  filters?: readonly Filter[];
  searchLabel?: string;
  empty: ComponentChildren;
  bulk?: (chosen: ChosenRows<T>) => ComponentChildren;
  bar?: ComponentChildren;
  here?: string | undefined;
  csvName?: string;
  exportPath?: string; // the server makes the file, with its own columns
}

// The rows that an action is about; ROWS reads them all when it is done, by
// TARGET the server finds them itself.
export interface ChosenRows<T> {
  count: number;
  target: Target;
  rows: () => Promise<readonly T[]>;
  clear: () => void;
}

interface Source<T> {
  data: Data<Page<T>>;
  view: View;
  all: () => Promise<readonly T[]>;
  query: Query; // what they match
}

async function readAll<T>(path: string, query: Query): Promise<T[]> {
  const rows: T[] = [];
  for (let current = 1; ; current++) {
    const page = await api.get<Page<T>>(path,
      { query: { ...query, current, pageSize: EVERYTHING } });
    rows.push(...page.data);
    if (page.data.length < EVERYTHING || rows.length >= page.total)
      return rows;
  }
}

// QUERY without the page.
function matching({ current, pageSize, ...rest }: Query): Query {
  return rest;
}

function Pager({ view, total }: { view: View; total: number }) {
  const from = (view.page - 1) * view.size + 1;
  const to = Math.min(total, from + view.size - 1);
  return (
    <div class="pager">
      <label class="muted">
        {t('table.perPage')}{' '}
        <select value={String(view.size)} onChange={(e) => {
          localStorage.setItem('size', e.currentTarget.value);
          change({ size: e.currentTarget.value });
        }}>
          {SIZES.map((s) => <option key={s} value={String(s)}>{s}</option>)}
        </select>
      </label>
      <span class="grow" />
      <span role="status">{t('table.range', {
        from: number(Math.min(from, total)), to: number(to),
        total: number(total),
      })}</span>
      <IconButton icon={ChevronLeft} label={t('table.previous')}
        disabled={view.page <= 1}
        onClick={() => change({ page: String(view.page - 1) })} />
      <IconButton icon={ChevronRight} label={t('table.next')}
        disabled={to >= total}
        onClick={() => change({ page: String(view.page + 1) })} />
    </div>
  );
}

function useShown<T>(p: ListProps<T>) {
  const mem = memory(p.id,
    p.columns.filter((c) => c.hidden).map((c) => c.id));
  const hidden = mem.hidden.value;
  const shown = p.columns.filter((c, i) => i === 0 || !hidden.includes(c.id));
  return { mem, shown };
}

async function exportCsv<T>(
  p: ListProps<T>, shown: readonly Column<T>[], source: Source<T>,
): Promise<void> {
  try {
    if (p.exportPath) {
      download((p.csvName ?? p.id) + '.csv',
        await api.get<string>(p.exportPath, { query: source.query }));
      say(t('table.exported', { n: source.data.value?.total ?? 0 }));
      return;
    }
    const rows = await source.all();
    const columns = shown.filter((c) => c.value);
    download((p.csvName ?? p.id) + '.csv', csv([
      columns.map((c) => c.title),
      ...rows.map((r) => columns.map((c) => c.value!(r))),
    ]));
    say(t('table.exported', { n: rows.length }));
  } catch (e) {
    fail(e);
  }
}

function Bar<T>({ p, source, selection }: {
  p: ListProps<T>; source: Source<T>; selection: Selection;
}) {
  const { mem, shown } = useShown(p);
  const { view, data } = source;
  const chosen = selection.state.value;
  const rows = data.value?.data ?? [];
  if (p.bulk && (chosen.all || chosen.keys.size > 0)) {
    const pick = async () => chosen.all ? source.all()
      : (await source.all()).filter((r) => chosen.keys.has(p.keyOf(r)));
    const onPage = rows.filter((r) => chosen.keys.has(p.keyOf(r)));
    return (
      <SelectionBar selection={selection} total={data.value?.total ?? 0}
        pageFull={onPage.length === rows.length}>
        {p.bulk({
          count: chosen.all ? data.value?.total ?? 0 : chosen.keys.size,
          target: chosen.all ? { matching: source.query }
            : { guids: [...chosen.keys] },
          rows: async () => !chosen.all && onPage.length === chosen.keys.size
            ? onPage : pick(),
          clear: selection.clear,
        })}
      </SelectionBar>
    );
  }
  return (
    <div class="bar">
      {p.searchLabel && <SearchBox value={view.search} label={p.searchLabel} />}
      <Filters filters={p.filters ?? []} view={view} />
      <FilterChips filters={p.filters ?? []} view={view} />
      <span class="grow" />
      {p.bar && <div class="acts">{p.bar}</div>}
      <div class="tools">
        {(p.filters || p.searchLabel) && <Views memory={mem} />}
        {p.columns.length > 2 && <div class="columns">
          <Columns columns={p.columns.slice(1)} memory={mem} /></div>}
        {p.columns.some((c) => c.value) && (
          <ExportButton run={() => exportCsv(p, shown, source)} />)}
      </div>
    </div>
  );
}

function NoMatch({ view, filters }: {
  view: View; filters: readonly Filter[];
}) {
  const clear = Object.fromEntries(filters.map((f) => [f.id, undefined]));
  return (
    <Empty title={t('table.noMatch')} action={view.filtered && (
      <Button onClick={() => change({ ...clear, q: undefined })}>
        {t('table.clearFilters')}
      </Button>)} />
  );
}

function Body<T>({ p, source, selection }: {
  p: ListProps<T>; source: Source<T>; selection: Selection;
}) {
  const { shown } = useShown(p);
  const { data, view } = source;
  const page = data.value;
  if (!page && data.error)
    return <Failure error={data.error} />;
  if (page && page.data.length === 0 && view.page === 1)
    return view.filtered
      ? <NoMatch view={view} filters={p.filters ?? []} /> : <>{p.empty}</>;
  return (
    <>
      <Table label={p.label} columns={shown} rows={page?.data}
        keyOf={p.keyOf} nameOf={p.nameOf} href={p.href} open={p.open}
        menu={p.menu} sort={view.sort} here={p.here}
        selection={p.bulk ? selection : undefined} />
      {page && <Pager view={view} total={page.total} />}
    </>
  );
}

function List<T>({ p, source }: { p: ListProps<T>; source: Source<T> }) {
  const ref = useRef<HTMLDivElement>(null);
  const { view, data } = source;
  const selection = useSelection(view.search + JSON.stringify(view.filters));
  useEffect(() => {
    const key = (e: KeyboardEvent) => onTableKey(e,
      ref.current?.querySelector('table') ?? null,
      p.bulk ? selection : undefined);
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  });
  const nothing = data.value?.total === 0 && !view.filtered;
  return (
    <div class="list" ref={ref}>
      {!nothing && <Bar p={p} source={source} selection={selection} />}
      <Body p={p} source={source} selection={selection} />
    </div>
  );
}

// A list whose search, filters, sorting and pages are the server's. SEARCH
// is the name of the call's argument for free text.
export function ServerList<T>(
  { path, search = 'q', like, fixed, every, ...p }: ListProps<T> & {
    path: string; search?: string; fixed?: Query; every?: number;
    like?: boolean; // the call takes a pattern with % rather than words
  },
) {
  const view = readView(p.filters ?? []);
  const query = { ...serverQuery(view, search), ...fixed };
  if (like && view.search)
    query[search] = `%${view.search}%`;
  const data = useData<Page<T>>(path, query, every);
  return (
    <List p={p} source={{ data, view, query: matching(query),
      all: () => readAll<T>(path, query) }} />
  );
}

function sortRows<T>(
  rows: readonly T[], columns: readonly Column<T>[], sort: string,
): readonly T[] {
  const column = columns.find((c) => c.sort === sort.replace(/^-/, ''));
  if (!column?.value)
    return rows;
  const value = column.value;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const sorted = [...rows].sort((a, b) =>
    collator.compare(String(value(a) ?? ''), String(value(b) ?? '')));
  return sort.startsWith('-') ? sorted.reverse() : sorted;
}

// A short list: read whole, searched here and sorted by every column that has
// a value.
export function LocalList<T>(
  { data, matches, ...props }: ListProps<T> & {
    data: Data<readonly T[]>;
    matches?: (row: T, filters: Record<string, string>) => boolean;
  },
) {
  const p = { ...props, columns: props.columns.map((c) =>
    c.value ? { ...c, sort: c.sort ?? c.id } : c) };
  const view = readView(p.filters ?? []);
  const rows = data.value;
  const found = useMemo(() => {
    const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (row: T) => {
      const text = p.columns.map((c) => String(c.value?.(row) ?? ''))
        .join(' ').toLowerCase();
      return words.every((w) => text.includes(w))
        && (!matches || matches(row, view.filters));
    };
    return rows && sortRows(rows.filter(has), p.columns, view.sort);
  }, [rows, view.search, view.sort, JSON.stringify(view.filters)]);
  const start = (view.page - 1) * view.size;
  return (
    <List p={p} source={{
      view, query: {}, all: async () => found ?? [],
      data: {
        ...data,
        value: found && {
          total: found.length, data: found.slice(start, start + view.size),
        },
      },
    }} />
  );
}

// All rows of a short list.
export function useAll<T>(path: string | undefined): Data<readonly T[]> {
  const data = useData<Page<T> | T[]>(path,
    path ? { pageSize: MAX_LOCAL } : undefined);
  const value = data.value;
  return {
    ...data,
    value: value && (Array.isArray(value) ? value : value.data),
  };
}
