// Rows from a CSV file: the server says what each will do before it does.
import { Upload } from 'lucide';
import { useState } from 'preact/hooks';

import { Badge, Button } from '../ui/controls';
import { touch } from '../ui/data';
import { Dialog } from '../ui/dialog';
import { worded } from '../ui/errors';
import { number } from '../ui/format';
import { api } from '../ui/http';
import { type Job, runJob } from '../ui/list/job';
import { fail } from '../ui/toast';
import { type Key, t } from './texts';

const SHOWN = 200;
const TONES = { created: 'good', changed: 'accent', unchanged: 'off',
  refused: 'bad' } as const;
type Result = keyof typeof TONES;
const RESULTS = Object.keys(TONES) as Result[];

interface Row {
  name: string;
  result: Result;
  why?: string;
  changes: { member: string; before: string; after: string }[];
}

type Preview = Record<Result | 'total', number> & { data: Row[] };

export interface ImportOf {
  title: string;
  path: string;
  columns: string; // that it takes
  paths: readonly string[]; // read again afterwards
  note?: string; // what else is worth knowing
}

function Changes({ row }: { row: Row }) {
  if (row.why)
    return <span class="muted">{worded(row.why)}</span>;
  return (
    <>
      {row.changes.map((c) => (
        <span key={c.member} class="change">
          <code>{c.member}</code>{' '}
          {c.before && <><del>{c.before}</del>{' → '}</>}
          {c.after ? <ins>{c.after}</ins>
            : <span class="muted">{t('import.empty')}</span>}
        </span>
      ))}
    </>
  );
}

function Shown({ p }: { p: Preview }) {
  const [only, setOnly] = useState<Result | undefined>();
  const rows = p.data.filter((r) => !only || r.result === only);
  return (
    <>
      <div class="buttons" role="group" aria-label={t('import.preview')}>
        {RESULTS.filter((r) => p[r] > 0).map((r) => (
          <Button key={r} small aria-pressed={only === r}
            onClick={() => setOnly(only === r ? undefined : r)}>
            {t(`import.${r}` as Key)}: {number(p[r])}
          </Button>
        ))}
      </div>
      <ul class="report import" aria-label={t('import.preview')}>
        {rows.slice(0, SHOWN).map((row, i) => (
          <li key={i}>
            <Badge tone={TONES[row.result]}>
              {t(`import.${row.result}` as Key)}</Badge>{' '}
            <b>{row.name || '–'}</b>{' '}
            <Changes row={row} />
          </li>
        ))}
        {rows.length > SHOWN && <li class="muted">
          {t('import.more', { n: rows.length - SHOWN })}</li>}
      </ul>
    </>
  );
}

function ImportDialog({ of, onClose }: {
  of: ImportOf; onClose: () => void;
}) {
  const [csv, setCsv] = useState('');
  const [seen, setSeen] = useState<Preview | undefined>();
  const [busy, setBusy] = useState(false);
  const n = seen ? seen.created + seen.changed : 0;
  const read = async (file: File | undefined) => {
    if (!file)
      return;
    setBusy(true);
    setSeen(undefined);
    try {
      const text = await file.text();
      setSeen(await api.post<Preview>(of.path, { csv: text, preview: true }));
      setCsv(text);
    } catch (e) {
      fail(e);
    } finally {
      setBusy(false);
    }
  };
  const run = async () => {
    setBusy(true);
    await runJob(of.title, async (id) => {
      const job = await api.post<Job>(of.path, { id, csv });
      onClose();          // the server has the rows
      return job;
    }, { touched: () => touch(...of.paths) });
    setBusy(false);
  };
  return (
    <Dialog title={of.title} onClose={onClose} wide foot={<>
      <Button onClick={onClose}>{t('ui.cancel')}</Button>
      <Button kind="primary" disabled={n === 0} busy={busy}
        onClick={() => void run()}>
        {t('import.run', { n })}</Button>
    </>}>
      <p>{t('import.text')} <code>{of.columns}</code></p>
      <p class="muted">{t('import.cells')} {of.note}</p>
      <input type="file" accept=".csv,text/csv" aria-label={t('import.file')}
        disabled={busy}
        onClick={(e) => { // the same file again is a choice too
          e.currentTarget.value = '';
          setSeen(undefined);
        }}
        onChange={(e) => void read(e.currentTarget.files?.[0])} />
      {seen && <Shown p={seen} />}
    </Dialog>
  );
}

export function ImportButton({ of }: { of: ImportOf }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={Upload} onClick={() => setOpen(true)}>{of.title}…</Button>
      {open && <ImportDialog of={of} onClose={() => setOpen(false)} />}
    </>
  );
}
