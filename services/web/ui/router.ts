// The address is the state: path and query are one signal, links are links.
import { computed, signal } from '@preact/signals';

export interface Place {
  path: string;
  query: URLSearchParams;
}

function read(): Place {
  return {
    path: location.pathname.replace(/\/+$/, '') || '/',
    query: new URLSearchParams(location.search),
  };
}

export const place = signal<Place>(read());
export const path = computed(() => place.value.path);

// Asked before the page is left; false keeps it.
let guard: (() => boolean) | undefined;
export function guardLeaving(ask: (() => boolean) | undefined): void {
  guard = ask;
}

export function go(to: string, how: { replace?: boolean } = {}): void {
  const url = new URL(to, location.href);
  const same = url.pathname === location.pathname;
  if (!same && guard && !guard())
    return;
  history[how.replace ? 'replaceState' : 'pushState'](null, '', url);
  place.value = read();
  if (!same)
    scrollTo(0, 0);
}

// Changes parts of the query; undefined and '' take a part out.
export function withQuery(
  changes: Record<string, string | number | undefined>,
): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined || value === '')
      query.delete(name);
    else
      query.set(name, String(value));
  const text = query.toString();
  return place.value.path + (text ? '?' + text : '');
}

export function setQuery(
  changes: Record<string, string | number | undefined>,
): void {
  go(withQuery(changes), { replace: true });
}

export type Params = Record<string, string>;

// "/devices/:guid" against "/devices/42": { guid: "42" }.
export function match(pattern: string, path: string): Params | undefined {
  const want = pattern.split('/');
  const have = path.split('/');
  const params: Params = {};
  if (want.length !== have.length)
    return undefined;
  for (const [i, w] of want.entries()) {
    const h = have[i]!;
    if (w.startsWith(':'))
      params[w.slice(1)] = decodeURIComponent(h);
    else if (w !== h)
      return undefined;
  }
  return params;
}

// Addresses that the server answers itself.
const SERVERS = /^\/(api|web|forgot|two-factor)(\/|$)/;

function onClick(e: MouseEvent): void {
  const a = (e.target as Element | null)?.closest?.('a');
  if (!a || e.defaultPrevented || e.button !== 0 || a.target
      || a.hasAttribute('download')
      || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey
      || a.origin !== location.origin || SERVERS.test(a.pathname)
      || (a.hash && a.pathname === location.pathname))
    return;
  e.preventDefault();
  go(a.href);
}

export function startRouter(): void {
  addEventListener('popstate', () => { place.value = read(); });
  document.addEventListener('click', onClick);
}
