// The columns of the four audits.
import { ArrowDownToLine, ArrowUpFromLine } from 'lucide';

import { Badge, DeviceId, State, Time } from '../../ui/controls';
import { bytes, deviceId, duration } from '../../ui/format';
import { Icon } from '../../ui/icon';
import type { Column } from '../../ui/list/table';
import type { AlarmAudit, ConnAudit, ConsoleAudit, FileAudit, Session }
  from '../../ui/model';
import { t } from '../texts';
import { about, ACT_NAMES, ALARM_NAMES, AUTH_NAMES, KIND_NAMES, readInfo,
  SECOND_NAMES } from './kinds';

const when = <T extends { created_at: number }>(): Column<T> => ({
  id: 'when', title: t('audit.when'), cell: (r) => <Time at={r.created_at} />,
  value: (r) => new Date(r.created_at * 1000).toISOString(),
});

const device = <T extends { device: string }>(lead = false): Column<T> => ({
  id: 'device', title: t('audit.device'), phone: true, lead,
  cell: (r) => <DeviceId id={r.device} />, value: (r) => r.device,
});

export function authText(r: ConnAudit): string {
  const first = AUTH_NAMES[r.primary_auth ?? 0];
  const second = SECOND_NAMES[r.two_factor ?? 0];
  return [first && t(first), second && t(second)].filter(Boolean).join(' + ');
}

export const by = (r: Session) => r.guest_link
  ? t('audit.guestOf', { name: r.user_name })
  : r.user_name || r.peer_name || r.peer_id || '';

// Signed in and closed, still open, or never let in.
function Outcome({ r }: { r: ConnAudit }) {
  if (r.conn_type === undefined)
    return <State tone={r.end_time ? 'bad' : 'warn'}>
      {t('audit.kind.none')}</State>;
  return r.end_time
    ? <State tone="off">{duration(r.end_time - r.created_at)}</State>
    : <State tone="good">{t('audit.stillOpen')}</State>;
}

export function connColumns(): Column<ConnAudit>[] {
  return [
    when(), device(true),
    { id: 'by', title: t('audit.by'), phone: true, cell: by, value: by },
    { id: 'kind', title: t('audit.kind'), phone: true,
      cell: (r) => t(KIND_NAMES[r.conn_type ?? -1] ?? 'ui.unknown'),
      value: (r) => t(KIND_NAMES[r.conn_type ?? -1] ?? 'ui.unknown') },
    { id: 'outcome', title: t('audit.outcome'), cell: (r) => <Outcome r={r} />,
      value: (r) => r.end_time ? r.end_time - r.created_at : '' },
    { id: 'auth', title: t('audit.auth'), cell: authText, value: authText },
    { id: 'ip', title: t('audit.address'), cell: (r) => <code>{r.ip}</code>,
      value: (r) => r.ip },
    { id: 'path', title: t('audit.path'), hidden: true,
      cell: (r) => r.relayed === undefined ? ''
        : t(r.relayed ? 'audit.relayed' : 'audit.direct'),
      value: (r) => r.relayed ?? '' },
    { id: 'peer', title: t('audit.from'), hidden: true,
      cell: (r) => r.peer_id && <DeviceId id={r.peer_id} />,
      value: (r) => r.peer_id },
    { id: 'note', title: t('audit.note'), cell: (r) => r.note,
      value: (r) => r.note },
  ];
}

function fileSize(r: FileAudit): string {
  const { num, files } = readInfo(r.info);
  if (r.is_file && files?.[0])
    return bytes(files[0][1]);
  return num === undefined ? '' : t('audit.files', { n: num });
}

export function fileColumns(): Column<FileAudit>[] {
  const direction = (r: FileAudit) =>
    t(r.type === 0 ? 'audit.fromDevice' : 'audit.toDevice');
  const who = (r: FileAudit) => r.user_name || readInfo(r.info).name
    || deviceId(r.peer_id);
  return [
    when(), device(),
    { id: 'direction', title: t('audit.direction'), value: direction,
      cell: (r) => <><Icon of={r.type === 0 ? ArrowUpFromLine
        : ArrowDownToLine} /> {direction(r)}</> },
    { id: 'path', title: t('audit.file'), wide: true, lead: true,
      cell: (r) => <code title={r.path}>{r.path}</code>, value: (r) => r.path },
    { id: 'size', title: t('audit.size'), number: true, cell: fileSize,
      value: fileSize },
    { id: 'by', title: t('audit.by'), phone: true, cell: who, value: who },
  ];
}

export function alarmColumns(): Column<AlarmAudit>[] {
  const what = (r: AlarmAudit) => t(ALARM_NAMES[r.typ] ?? 'ui.unknown');
  const from = (r: AlarmAudit) => {
    const i = readInfo(r.info);
    return [i.name, i.id && deviceId(i.id), i.ip].filter(Boolean).join(' · ');
  };
  return [
    when(),
    { id: 'what', title: t('audit.what'), wide: true, lead: true, value: what,
      cell: (r) => <State tone="warn">{what(r)}</State> },
    device(),
    { id: 'from', title: t('audit.cameFrom'), cell: from, value: from },
    { id: 'user', title: t('devices.user'), cell: (r) => r.user_name,
      value: (r) => r.user_name },
  ];
}

export function consoleColumns(): Column<ConsoleAudit>[] {
  const what = (r: ConsoleAudit) => t(ACT_NAMES[r.iop] ?? 'ui.unknown');
  return [
    when(),
    { id: 'operator', title: t('audit.operator'), phone: true,
      value: (r) => r.operator,
      cell: (r) => <>{r.operator} {r.api_token && (
        <Badge>{t('audit.byToken')}</Badge>)}</> },
    { id: 'what', title: t('audit.what'), lead: true, cell: what, value: what },
    { id: 'about', title: t('audit.about'), wide: true, phone: true,
      cell: about, value: (r) => r.info },
    { id: 'ip', title: t('audit.address'), cell: (r) => <code>{r.ip}</code>,
      value: (r) => r.ip },
  ];
}
