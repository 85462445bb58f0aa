// What devices have recorded of their sessions.
import { Download, Trash2 } from 'lucide';

import { Badge, Button, LinkButton, Time } from '../../ui/controls';
import { bytes, deviceId } from '../../ui/format';
import { type ChosenRows, ServerList } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Filter } from '../../ui/list/view';
import type { Items } from '../../ui/menu';
import type { Recording } from '../../ui/model';
import { go, place, withQuery } from '../../ui/router';
import { Empty } from '../../ui/states';
import { fail } from '../../ui/toast';
import { findDevice } from '../find';
import { Page } from '../page';
import { RecordingPanel } from '../recordings/panel';
import { askRemove, deviceOf, downloadOf, format, nameOf, RECORDINGS }
  from '../recordings/recording';
import { can, feature } from '../session';
import { t } from '../texts';

function columns(): Column<Recording>[] {
  return [
    { id: 'device', title: t('audit.device'), wide: true,
      value: (r) => r.device,
      cell: (r) => <>{deviceOf(r)}{r.device_name && (
        <span class="muted"> {deviceId(r.device ?? '')}</span>)}</> },
    { id: 'ended', title: t('recordings.ended'), sort: 'created_at',
      phone: true, value: (r) => new Date(r.created_at * 1000).toISOString(),
      cell: (r) => r.growing
        ? <Badge tone="accent">{t('recordings.growing')}</Badge>
        : <Time at={r.created_at} /> },
    { id: 'size', title: t('recordings.size'), sort: 'size', number: true,
      phone: true,
      cell: (r) => bytes(r.size), value: (r) => r.size },
    { id: 'format', title: t('recordings.format'), cell: format,
      value: format },
    { id: 'stored', title: t('recordings.stored'), hidden: true,
      cell: (r) => t(`recordings.stored.${r.stored}`),
      value: (r) => r.stored },
    { id: 'file', title: t('recordings.file'), hidden: true, sort: 'file',
      cell: (r) => <code>{r.file}</code>, value: (r) => r.file },
  ];
}

function filters(): Filter[] {
  return [{ id: 'device', label: t('audit.device'),
    say: (v) => `${t('audit.device')}: ${deviceId(v)}`,
    find: findDevice }];
}

function menu(r: Recording, gone: () => void): Items {
  return [
    { label: t('recordings.download'), icon: Download, href: downloadOf(r),
      download: r.file },
    can('recordings.delete') && { label: t('recordings.delete') + '…',
      icon: Trash2, danger: true, run: () => askRemove([r], gone) },
  ];
}

function Bulk({ chosen }: { chosen: ChosenRows<Recording> }) {
  return (
    <Button icon={Trash2} kind="danger" onClick={() => {
      chosen.rows().then((rows) => askRemove(rows, chosen.clear), fail);
    }}>{t('recordings.delete')}…</Button>
  );
}

function Nothing() {
  const on = feature('recordings');
  return (
    <Empty title={t('recordings.empty')}
      action={on && can('strategies.view') && (
        <LinkButton href="/strategies">{t('nav.strategies')}</LinkButton>)}>
      {t(on ? 'recordings.empty.text' : 'recordings.off.text')}
    </Empty>
  );
}

// The name of a file with its dot is no address of a page: it is in the query.
export default function Recordings() {
  const file = place.value.query.get('file') ?? undefined;
  const back = withQuery({ file: undefined });
  return (
    <Page title={t('nav.recordings')}
      panel={file && <RecordingPanel key={file} file={file} back={back} />}>
      <ServerList<Recording> id="recordings" label={t('nav.recordings')}
        every={30} path={RECORDINGS} columns={columns()} filters={filters()}
        keyOf={(r) => r.file} nameOf={nameOf} here={file}
        href={(r) => withQuery({ file: r.file })}
        searchLabel={t('recordings.search')}
        menu={(r) => menu(r, () => { if (file) go(back); })}
        {...can('recordings.delete') ? {
          bulk: (chosen: ChosenRows<Recording>) => <Bulk chosen={chosen} />,
        } : {}}
        empty={<Nothing />} />
    </Page>
  );
}
