// Who is connected to what, now.
import { Unplug } from 'lucide';

import { DeviceId, State, Time } from '../../ui/controls';
import { duration } from '../../ui/format';
import { ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Session } from '../../ui/model';
import { Empty } from '../../ui/states';
import { by } from '../audit/columns';
import { KIND_NAMES } from '../audit/kinds';
import { Page } from '../page';
import { can } from '../session';
import { askDisconnect } from '../sessions/disconnect';
import { t } from '../texts';

function columns(): Column<Session>[] {
  const kind = (s: Session) => t(KIND_NAMES[s.conn_type ?? -1] ?? 'ui.unknown');
  return [
    { id: 'device', title: t('audit.device'), value: (s) => s.device,
      cell: (s) => <DeviceId id={s.device} /> },
    { id: 'by', title: t('audit.by'), phone: true, cell: by, value: by },
    { id: 'state', title: t('devices.state'), phone: true,
      cell: (s) => s.device_online === false
        ? <State tone="warn">{t('sessions.gone')}</State>
        : <State tone="good">{t('audit.stillOpen')}</State> },
    { id: 'kind', title: t('audit.kind'), phone: true, cell: kind, value: kind },
    { id: 'since', title: t('sessions.since'), value: (s) => s.created_at,
      cell: (s) => <Time at={s.created_at} /> },
    { id: 'for', title: t('sessions.for'), number: true,
      cell: (s) => duration(Date.now() / 1000 - s.created_at) },
    { id: 'ip', title: t('audit.address'), cell: (s) => <code>{s.ip}</code>,
      value: (s) => s.ip },
    { id: 'path', title: t('audit.path'),
      cell: (s) => s.relayed === undefined ? ''
        : t(s.relayed ? 'audit.relayed' : 'audit.direct') },
    { id: 'note', title: t('audit.note'), cell: (s) => s.note,
      value: (s) => s.note },
  ];
}

export default function Sessions() {
  return (
    <Page title={t('nav.sessions')}>
      <ServerList<Session> id="sessions" label={t('nav.sessions')} every={10}
        path="/api/web/sessions" columns={columns()} keyOf={(s) => s.guid}
        nameOf={(s) => s.device}
        menu={(s) => [can('audits.edit') && {
          label: t('sessions.disconnect') + '…', icon: Unplug, danger: true,
          run: () => askDisconnect(s) }]}
        empty={<Empty title={t('sessions.empty')}>
          {t('sessions.empty.text')}</Empty>} />
    </Page>
  );
}
