// What a list shows: search, filters, sorting and page are in the address;
// which columns is remembered by the browser, as are saved views.
import { signal } from '@preact/signals';

import type { Query } from '../http';
import { go, place, setQuery } from '../router';

export interface FilterChoice {
  value: string;
  label: string;
}

export interface Filter {
  id: string; // name in the address and in the call
  label: string;
  options?: readonly FilterChoice[];
  find?: (text: string) => Promise<readonly FilterChoice[]>;
  read?: (typed: string) => string; // the value of what was typed
  // The chip's words; the default is "label: value".
  say?: (value: string) => string;
}

export const SIZES = [25, 50, 100, 250] as const;

export interface View {
  page: number;
  size: number;
  sort: string; // "name" or "-name"; '' is the server's order
  search: string;
  filters: Record<string, string>;
  filtered: boolean;
}

export function readView(filters: readonly Filter[]): View {
  const q = place.value.query;
  const set = Object.fromEntries(filters
    .map((f) => [f.id, q.get(f.id) ?? ''] as const)
    .filter(([, v]) => v !== ''));
  const size = Number(q.get('size') ?? localStorage.getItem('size'));
  return {
    page: Math.max(1, Number(q.get('page')) || 1),
    size: SIZES.find((s) => s === size) ?? 50,
    sort: q.get('sort') ?? '',
    search: q.get('q') ?? '',
    filters: set,
    filtered: Object.keys(set).length > 0 || Boolean(q.get('q')),
  };
}

export function serverQuery(v: View, search: string): Query {
  return {
    current: v.page, pageSize: v.size, sort: v.sort,
    ...(search ? { [search]: v.search } : {}), ...v.filters,
  };
}

// Any change but that of the page goes back to the first page.
export function change(parts: Record<string, string | undefined>): void {
  setQuery('page' in parts ? parts : { ...parts, page: undefined });
}

export function nextSort(now: string, column: string): string | undefined {
  if (now === column)
    return '-' + column;
  return now === '-' + column ? undefined : column;
}

function load<T>(name: string, otherwise: T): T {
  try {
    return JSON.parse(localStorage.getItem(name) ?? '') as T;
  } catch {
    return otherwise;
  }
}

export interface SavedView {
  name: string;
  query: string;
}

// Remembered per list, by the list's id.
export class Memory {
  readonly hidden;
  readonly views;

  constructor(readonly id: string, hidden: readonly string[]) {
    this.hidden = signal<readonly string[]>(load('columns:' + id, hidden));
    this.views = signal<readonly SavedView[]>(load('views:' + id, []));
  }

  toggle(column: string): void {
    const now = this.hidden.value;
    this.hidden.value = now.includes(column)
      ? now.filter((c) => c !== column) : [...now, column];
    localStorage.setItem('columns:' + this.id,
      JSON.stringify(this.hidden.value));
  }

  private keep(views: readonly SavedView[]): void {
    this.views.value = views;
    localStorage.setItem('views:' + this.id, JSON.stringify(views));
  }

  save(name: string): void {
    const query = new URLSearchParams(place.value.query);
    query.delete('page');
    this.keep([...this.views.value.filter((v) => v.name !== name),
      { name, query: query.toString() }]);
  }

  remove(name: string): void {
    this.keep(this.views.value.filter((v) => v.name !== name));
  }

  open(view: SavedView): void {
    go(place.value.path + (view.query ? '?' + view.query : ''));
  }
}

const memories = new Map<string, Memory>();

export function memory(id: string, hidden: readonly string[]): Memory {
  let m = memories.get(id);
  if (!m)
    memories.set(id, m = new Memory(id, hidden));
  return m;
}
