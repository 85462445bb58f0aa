// What happened: connections, files, alarms, changes.
import { NotebookPen, Unplug } from 'lucide';
import { signal } from '@preact/signals';

import { Dialog } from '../../ui/dialog';
import { Facts, Time } from '../../ui/controls';
import { touch } from '../../ui/data';
import { deviceId, duration } from '../../ui/format';
import { TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Filter } from '../../ui/list/view';
import type { Items } from '../../ui/menu';
import type { ConnAudit } from '../../ui/model';
import type { Params } from '../../ui/router';
import { Empty } from '../../ui/states';
import { Tabs } from '../../ui/tabs';
import { alarmColumns, authText, by, connColumns, consoleColumns, fileColumns }
  from '../audit/columns';
import { KIND_NAMES } from '../audit/kinds';
import { FormDialog } from '../create';
import { findDevice, findUser } from '../find';
import { Page } from '../page';
import { can, me } from '../session';
import { askDisconnect } from '../sessions/disconnect';
import { type Key, t } from '../texts';

const noting = signal<ConnAudit | undefined>(undefined);
const shown = signal<ConnAudit | undefined>(undefined);
const DAY = 86400;
const SINCE_DAYS = [1, 7, 30];

function NoteDialog() {
  const r = noting.value;
  if (!r)
    return null;
  return (
    <FormDialog title={t('audit.writeNote')} action={t('audit.saveNote')}
      initial={{ note: r.note ?? '' }}
      onClose={() => { noting.value = undefined; }}
      save={async (v) => {
        await api.put('/api/audit', { guid: r.guid, note: v.note });
        touch('/api/audits/conn', '/api/web/sessions');
      }}>
      <TextField name="note" label={t('audit.note')} lines={4} autofocus />
    </FormDialog>
  );
}

function ConnDialog() {
  const r = shown.value;
  if (!r)
    return null;
  return (
    <Dialog title={t('audit.session')} wide
      onClose={() => { shown.value = undefined; }}>
      <Facts of={[
        [t('audit.device'), deviceId(r.device)],
        [t('audit.by'), by(r)],
        [t('audit.guestNote'), r.guest_note],
        [t('audit.from'), r.peer_id && deviceId(r.peer_id)],
        [t('audit.address'), <code>{r.ip}</code>],
        [t('audit.kind'), t(KIND_NAMES[r.conn_type ?? -1] ?? 'ui.unknown')],
        [t('audit.auth'), authText(r)],
        [t('audit.when'), <Time at={r.created_at} full />],
        [t('audit.ended'), r.end_time
          ? <><Time at={r.end_time} full /> ({duration(
            r.end_time - r.created_at)})</> : t('audit.stillOpen')],
        [t('audit.path'), r.relayed === undefined ? ''
          : t(r.relayed ? 'audit.relayed' : 'audit.direct')],
        [t('audit.proved'), r.verified === undefined ? ''
          : t(r.verified ? 'audit.proved.yes' : 'audit.proved.no')],
        [t('audit.note'), r.note],
      ]} />
    </Dialog>
  );
}

// Whose session it was, or who may write in the audit.
const mayNote = (r: ConnAudit) =>
  (Boolean(r.user_name) && r.user_name === me.value?.name)
  || can('audits.edit');

function connMenu(r: ConnAudit): Items {
  return [
    mayNote(r) && { label: t('audit.writeNote') + '…', icon: NotebookPen,
      run: () => { noting.value = r; } },
    !r.end_time && can('audits.edit') && {
      label: t('sessions.disconnect') + '…', icon: Unplug, danger: true,
      run: () => askDisconnect(r) },
  ];
}

// The API's "newer than" is a time of day in UTC.
function utc(secondsAgo: number): string {
  const hour = 3600_000;
  const at = Math.floor((Date.now() - secondsAgo * 1000) / hour) * hour;
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}

function since(): Filter {
  return {
    id: 'created_at', label: t('audit.since'),
    say: (v) => t('audit.sinceWords', { days: Math.round(
      (Date.now() - Date.parse(v.replace(' ', 'T') + 'Z')) / (DAY * 1000)) }),
    options: SINCE_DAYS.map((days) => ({ value: utc(days * DAY),
      label: t('devices.days', { n: days }) })),
  };
}

function deviceFilter(): Filter {
  return { id: 'device', label: t('audit.device'),
    say: (v) => `${t('audit.device')}: ${deviceId(v)}`,
    find: findDevice };
}

interface AuditKind {
  id: string;
  name: Key;
  path: string;
  may: () => boolean;
  columns: () => Column<never>[];
  filters: () => Filter[];
}

const KINDS: readonly AuditKind[] = [
  { id: 'conn', name: 'audit.conn', path: '/api/audits/conn',
    may: () => true, columns: connColumns as () => Column<never>[],
    filters: () => [deviceFilter(),
      { id: 'conn_type', label: t('audit.kind'),
        options: [0, 1, 2, 3, 4].map((n) => ({ value: String(n),
          label: t(KIND_NAMES[n]!) })) }, since()] },
  { id: 'file', name: 'audit.file.tab', path: '/api/audits/file',
    may: () => true, columns: fileColumns as () => Column<never>[],
    filters: () => [deviceFilter(), since()] },
  { id: 'alarm', name: 'audit.alarm.tab', path: '/api/audits/alarm',
    may: () => true, columns: alarmColumns as () => Column<never>[],
    filters: () => [deviceFilter(), since()] },
  { id: 'console', name: 'audit.console', path: '/api/audits/console',
    may: () => can('audits.view'),
    columns: consoleColumns as () => Column<never>[],
    filters: () => [{ id: 'operator', label: t('audit.operator'),
      find: findUser }, since()] },
];

type AnyRow = { guid: string; device?: string; info?: string };

function Rows({ kind }: { kind: AuditKind }) {
  const conn = kind.id === 'conn';
  return (
    <ServerList<AnyRow> key={kind.id} id={'audit-' + kind.id}
      label={t(kind.name)} path={kind.path}
      columns={kind.columns() as unknown as Column<AnyRow>[]}
      filters={kind.filters()} keyOf={(r) => r.guid}
      nameOf={(r) => r.device ?? r.info ?? ''} csvName={'audit-' + kind.id}
      {...conn ? {
        menu: (r: AnyRow) => connMenu(r as ConnAudit),
        open: (r: AnyRow) => { shown.value = r as ConnAudit; },
      } : {}}
      empty={<Empty title={t('audit.empty')}>
        {t(`audit.empty.${kind.id}` as Key)}</Empty>} />
  );
}

export default function Audit({ params }: { params: Params }) {
  const kinds = KINDS.filter((k) => k.may());
  const kind = kinds.find((k) => k.id === params['kind']) ?? kinds[0]!;
  return (
    <Page title={t('nav.audit')}>
      <Tabs label={t('nav.audit')} of={kinds.map((k) => ({
        href: k.id === 'conn' ? '/audit' : '/audit/' + k.id,
        label: t(k.name), here: k === kind }))} />
      <Rows kind={kind} />
      <NoteDialog />
      <ConnDialog />
    </Page>
  );
}
