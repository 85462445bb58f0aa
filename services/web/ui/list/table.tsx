// A table that answers to the keyboard: j and k move, x chooses, Enter opens.
import { ArrowDown, ArrowUp } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

import { Icon } from '../icon';
import { type Items, MoreMenu } from '../menu';
import { useLate } from '../states';
import { t } from '../texts';
import type { Selection } from './select';
import { change, nextSort } from './view';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  sort?: string | undefined; // the name the server sorts by
  number?: boolean;
  wide?: boolean; // takes what room is left
  hidden?: boolean; // only by choice
  phone?: boolean; // shown on narrow screens, below the first
  lead?: boolean; // and there in its place
  value?: (row: T) => unknown; // for CSV and sorting in the page
}

export interface TableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  keyOf: (row: T) => string;
  nameOf: (row: T) => string;
  href?: ((row: T) => string) | undefined;
  open?: ((row: T) => void) | undefined;
  menu?: ((row: T) => Items) | undefined;
  sort: string;
  selection?: Selection | undefined;
  here?: string | undefined; // the row that is open beside the list
}

const classOf = <T,>(c: Column<T>) => [c.number && 'number', c.wide && 'wide',
  (c.phone || c.lead) && 'phone', c.lead && 'lead'].filter(Boolean).join(' ');

function Heading<T>({ column, sort }: { column: Column<T>; sort: string }) {
  const by = column.sort;
  const cls = classOf(column);
  if (!by)
    return <th scope="col" class={cls}>{column.title}</th>;
  const direction = sort === by ? 'ascending'
    : sort === '-' + by ? 'descending' : undefined;
  return (
    <th scope="col" class={cls} aria-sort={direction ?? 'none'}>
      <button type="button" onClick={() => change({ sort: nextSort(sort, by) })}>
        {column.title}
        {direction && <Icon of={direction === 'ascending' ? ArrowUp : ArrowDown} />}
      </button>
    </th>
  );
}

function PageBox<T>({ p, rows }: { p: TableProps<T>; rows: readonly T[] }) {
  const s = p.selection!;
  const keys = rows.map(p.keyOf);
  const n = keys.filter(s.has).length;
  return (
    <th scope="col" class="pick">
      <input type="checkbox" aria-label={t('table.selectAll')}
        checked={n > 0 && n === keys.length}
        ref={(e) => { if (e) e.indeterminate = n > 0 && n < keys.length; }}
        onChange={() => s.page(keys, n < keys.length)} />
    </th>
  );
}

function First<T>({ p, row }: { p: TableProps<T>; row: T }) {
  const column = p.columns[0]!;
  const inside = column.cell(row);
  return (
    <th scope="row" class={column.wide ? 'wide' : ''}>
      {p.href
        ? <a href={p.href(row)}>{inside}</a>
        : p.open
          ? <button type="button" class="link" onClick={() => p.open!(row)}>
            {inside}</button>
          : inside}
    </th>
  );
}

function Row<T>({ p, row }: { p: TableProps<T>; row: T }) {
  const key = p.keyOf(row);
  const chosen = p.selection?.has(key);
  return (
    <tr tabIndex={-1} data-key={key} aria-selected={chosen}
      aria-current={p.here === key ? 'true' : undefined}>
      {p.selection && (
        <td class="pick">
          <input type="checkbox" checked={chosen}
            aria-label={t('table.select', { name: p.nameOf(row) })}
            onChange={() => p.selection!.toggle(key)} />
        </td>
      )}
      <First p={p} row={row} />
      {p.columns.slice(1).map((c) => (
        <td key={c.id} class={classOf(c)}>{c.cell(row)}</td>
      ))}
      {p.menu && (
        <td class="more">
          <MoreMenu name={p.nameOf(row)} items={p.menu(row)} />
        </td>
      )}
    </tr>
  );
}

function SkeletonRows({ columns }: { columns: number }) {
  const late = useLate(true);
  return (
    <>
      {late && Array.from({ length: 8 }, (_, i) => (
        <tr key={i} class="bone" aria-hidden="true">
          {Array.from({ length: columns }, (_x, k) => <td key={k}><i /></td>)}
        </tr>
      ))}
    </>
  );
}

function focusRow(table: HTMLTableElement, by: number): void {
  const rows = [...table.tBodies[0]!.rows].filter((r) => r.dataset['key']);
  const at = rows.findIndex((r) => r.contains(document.activeElement));
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1)
    : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[to]?.focus();
}

export function onTableKey(
  e: KeyboardEvent, table: HTMLTableElement | null, selection?: Selection,
): void {
  const inField = (e.target as Element).closest?.(
    'input:not([type=checkbox]), textarea, select, dialog, [popover]');
  if (!table || inField || e.ctrlKey || e.metaKey || e.altKey)
    return;
  const row = document.activeElement?.closest('tr') ?? undefined;
  const key = row?.dataset['key'];
  if (e.key === 'j' || e.key === 'k') {
    e.preventDefault();
    focusRow(table, e.key === 'j' ? 1 : -1);
  } else if (e.key === 'x' && key && selection) {
    e.preventDefault();
    selection.toggle(key);
  } else if (e.key === 'Enter' && row && document.activeElement === row) {
    row.querySelector<HTMLElement>('th a, th button')?.click();
  }
}

export function Table<T>(p: TableProps<T>) {
  const ref = useRef<HTMLTableElement>(null);
  const rows = p.rows ?? [];
  const count = p.columns.length + (p.selection ? 1 : 0) + (p.menu ? 1 : 0);
  return (
    <div class="table" tabIndex={-1}>
      <table ref={ref} aria-label={p.label} aria-busy={!p.rows || undefined}>
        <thead>
          <tr>
            {p.selection && <PageBox p={p} rows={rows} />}
            {p.columns.map((c) => (
              <Heading key={c.id} column={c} sort={p.sort} />))}
            {p.menu && (
              <th class="more"><span class="sr">{t('table.actions')}</span></th>
            )}
          </tr>
        </thead>
        <tbody>
          {p.rows
            ? rows.map((row) => <Row key={p.keyOf(row)} p={p} row={row} />)
            : <SkeletonRows columns={count} />}
        </tbody>
      </table>
    </div>
  );
}
