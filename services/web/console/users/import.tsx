// Users from a CSV file: what will happen is shown before it does.
import { useState } from 'preact/hooks';

import { Badge, Button } from '../../ui/controls';
import { touch } from '../../ui/data';
import { Dialog } from '../../ui/dialog';
import { api, type Page } from '../../ui/http';
import { each, runBulk } from '../../ui/list/bulk';
import { parseCsv } from '../../ui/list/csv';
import type { User } from '../../ui/model';
import { fail } from '../../ui/toast';
import { t } from '../texts';
import { MIN_PASSWORD, USER_PATHS } from './actions';

const COLUMNS = ['name', 'display_name', 'email', 'group_name', 'note',
  'password'] as const;
const MAX_ROWS = 2000;
const SHOWN = 200;

type Row = Record<(typeof COLUMNS)[number], string>;

interface Planned {
  row: Row;
  what: 'new' | 'known' | 'bad';
  why: string;
}

// The first line names the columns, in any order.
export function readUsers(text: string): Row[] {
  const [head = [], ...lines] = parseCsv(text);
  const at = COLUMNS.map((c) =>
    head.findIndex((h) => h.trim().toLowerCase() === c));
  return lines.slice(0, MAX_ROWS).map((line) => Object.fromEntries(
    COLUMNS.map((c, i) => [c, (line[at[i]!] ?? '').trim()])) as Row);
}

function plan(row: Row, known: ReadonlySet<string>): Planned {
  if (!row.name)
    return { row, what: 'bad', why: t('import.noName') };
  if (known.has(row.name.toLowerCase()))
    return { row, what: 'known', why: t('import.known') };
  if (row.password.length < MIN_PASSWORD)
    return { row, what: 'bad', why: t('api.password8') };
  return { row, what: 'new', why: '' };
}

async function allNames(): Promise<Set<string>> {
  const names = new Set<string>();
  for (let current = 1; ; current++) {
    const page = await api.get<Page<User>>('/api/users',
      { query: { current, pageSize: 1000 } });
    for (const u of page.data)
      names.add(u.name.toLowerCase());
    if (page.data.length === 0 || names.size >= page.total)
      return names;
  }
}

const TONES = { new: 'good', known: 'off', bad: 'bad' } as const;

function Preview({ list }: { list: readonly Planned[] }) {
  return (
    <ul class="report">
      {list.slice(0, SHOWN).map((p, i) => (
        <li key={i}>
          <Badge tone={TONES[p.what]}>{t(`import.${p.what}`)}</Badge>{' '}
          <b>{p.row.name || '–'}</b>{' '}
          <span class="muted">{p.why || p.row.email}</span>
        </li>
      ))}
    </ul>
  );
}

export function ImportUsers({ onClose }: { onClose: () => void }) {
  const [list, setList] = useState<readonly Planned[] | undefined>();
  const fresh = list?.filter((p) => p.what === 'new') ?? [];
  const read = async (file: File | undefined) => {
    if (!file)
      return;
    const [text, known] = await Promise.all([file.text(), allNames()]);
    setList(readUsers(text).map((row) => plan(row, known)));
  };
  const run = () => {
    onClose();
    void runBulk(t('users.import'), each(fresh, (p) => p.row.name, (p) =>
      api.post('/api/users', Object.fromEntries(
        Object.entries(p.row).filter(([, v]) => v)))))
      .then(() => touch(...USER_PATHS));
  };
  return (
    <Dialog title={t('users.import')} onClose={onClose} wide foot={<>
      <Button onClick={onClose}>{t('ui.cancel')}</Button>
      <Button kind="primary" disabled={fresh.length === 0} onClick={run}>
        {t('import.run', { n: fresh.length })}</Button>
    </>}>
      <p>{t('import.text')} <code>{COLUMNS.join(',')}</code></p>
      <input type="file" accept=".csv,text/csv" aria-label={t('import.file')}
        onChange={(e) => {
          read(e.currentTarget.files?.[0]).catch(fail);
        }} />
      {list && <Preview list={list} />}
    </Dialog>
  );
}
