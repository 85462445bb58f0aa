// A folder as a list: names, sizes, times; several can be chosen.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { File as FileIcon, Folder, HardDrive } from 'lucide';
import type { IconNode } from 'lucide';

import { bytes, shortDate } from '../../ui/format';
import { Icon } from '../../ui/icon';
import type { Entry, EntryKind } from '../../protocol/files';
import { t } from '../texts';

const ICON: Readonly<Record<EntryKind, IconNode>> = {
  folder: Folder, drive: HardDrive, file: FileIcon,
};

type Column = 'name' | 'size' | 'modified';

function sorted(entries: readonly Entry[], by: Column, down: boolean):
Entry[] {
  const collator = new Intl.Collator(undefined, { numeric: true });
  const sign = down ? -1 : 1;
  return [...entries].sort((a, b) =>
    Number(a.kind === 'file') - Number(b.kind === 'file')
    || (by === 'name' ? 0 : sign * (a[by] - b[by]))
    || (by === 'name' ? sign : 1) * collator.compare(a.name, b.name));
}

export interface ListProps {
  label: string;
  entries: readonly Entry[];
  chosen: ReadonlySet<string>;
  choose: (names: ReadonlySet<string>) => void;
  open: (entry: Entry) => void;
  up: () => void;
}

function Head({ by, down, sort }: {
  by: Column; down: boolean; sort: (c: Column) => void;
}) {
  const cell = (c: Column, text: string, number = false) => (
    <th scope="col" class={number ? 'number' : ''}
      aria-sort={by !== c ? 'none' : down ? 'descending' : 'ascending'}>
      <button type="button" onClick={() => sort(c)}>{text}</button>
    </th>
  );
  return (
    <thead>
      <tr>
        {cell('name', t('files.name'))}
        {cell('size', t('files.size'), true)}
        {cell('modified', t('files.modified'), true)}
      </tr>
    </thead>
  );
}

export function List({ label, entries, chosen, choose, open, up }: ListProps) {
  const [by, setBy] = useState<Column>('name');
  const [down, setDown] = useState(false);
  const [at, setAt] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useMemo(() => sorted(entries, by, down), [entries, by, down]);
  useEffect(() => setAt(0), [entries]);
  const focus = (i: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, i));
    setAt(to);
    (body.current?.rows[to] as HTMLElement | undefined)?.focus();
  };
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name))
      next.add(name);
    choose(next);
  };
  const click = (e: MouseEvent, name: string, i: number) => {
    setAt(i);
    if (e.ctrlKey || e.metaKey)
      toggle(name);
    else if (e.shiftKey)
      choose(new Set(rows.slice(Math.min(at, i), Math.max(at, i) + 1)
        .map((r) => r.name)));
    else
      choose(new Set([name]));
  };
  const key = (e: KeyboardEvent) => {
    const row = rows[at];
    const run: Record<string, (() => void) | undefined> = {
      ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1),
      Home: () => focus(0), End: () => focus(rows.length - 1),
      Enter: row && (() => open(row)), Backspace: up,
      ' ': row && (() => toggle(row.name)),
      a: e.ctrlKey || e.metaKey
        ? () => choose(new Set(rows.map((r) => r.name))) : undefined,
    };
    const found = run[e.key];
    if (found) {
      e.preventDefault();
      found();
    }
  };
  return (
    <div class="file-list">
      <table aria-label={label} aria-multiselectable="true" role="grid">
        <Head by={by} down={down}
          sort={(c) => { setDown(by === c && !down); setBy(c); }} />
        <tbody ref={body} onKeyDown={key}>
          {rows.map((r, i) => (
            <tr key={r.name} tabIndex={i === at ? 0 : -1}
              aria-selected={chosen.has(r.name)}
              class={r.hidden ? 'is-hidden' : ''}
              onFocus={() => setAt(i)}
              onClick={(e) => click(e, r.name, i)}
              onDblClick={() => open(r)}>
              <th scope="row">
                <span class="file-name">
                  <Icon of={ICON[r.kind]} /><span>{r.name}</span>
                </span>
              </th>
              <td class="number">{r.kind === 'file' ? bytes(r.size) : ''}</td>
              <td class="number muted">
                {r.modified > 0 ? shortDate(r.modified) : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="muted file-empty">{t('files.empty')}</p>}
    </div>
  );
}
