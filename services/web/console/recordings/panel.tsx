// One recording: the film, and what is known of it.
import { Download, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';

import { Copy, DeviceId, Facts, LinkButton, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import { sentence } from '../../ui/errors';
import { bytes, seconds, shortDate } from '../../ui/format';
import { type Page, reads } from '../../ui/http';
import { MoreMenu } from '../../ui/menu';
import type { Recording } from '../../ui/model';
import { go } from '../../ui/router';
import { Empty, Loaded, Note } from '../../ui/states';
import { Panel } from '../page';
import { can } from '../session';
import { t } from '../texts';
import { askRemove, bytesOf, deviceOf, downloadOf, format, playable,
  RECORDINGS } from './recording';

// Why there is no picture: the bytes do not come, or nobody here reads them.
async function reason(r: Recording): Promise<string> {
  try {
    await reads(bytesOf(r));
    return t('recordings.cannotPlay.text', { format: format(r) });
  } catch (e) {
    return sentence(e);
  }
}

function Player({ r }: { r: Recording }) {
  const [why, setWhy] = useState(playable(r) ? ''
    : t('recordings.cannotPlay.text', { format: format(r) }));
  if (why)
    return <Note tone="warn" title={t('recordings.cannotPlay')}>{why}</Note>;
  return (
    <video class="film" controls preload="metadata" src={bytesOf(r)}
      aria-label={t('recordings.film', { name: deviceOf(r) })}
      onError={() => { void reason(r).then(setWhy); }} />
  );
}

function About({ r }: { r: Recording }) {
  return (
    <Facts of={[
      [t('audit.device'), r.device && <DeviceId id={r.device} />],
      [t('recordings.deviceName'), r.device_guid && can('devices.view')
        ? <a href={'/devices/' + r.device_guid}>{deviceOf(r)}</a>
        : r.device_name],
      // The device wrote it by its own clock.
      [t('recordings.began'), r.began && shortDate(seconds(r.began)
        + new Date(seconds(r.began) * 1000).getTimezoneOffset() * 60)],
      [t('recordings.ended'), <Time at={r.created_at} full />],
      [t('recordings.size'), bytes(r.size)],
      [t('recordings.format'), format(r)],
      [t('recordings.stored'), t(`recordings.stored.${r.stored}`)],
      [t('recordings.file'), <Copy text={r.file} />],
    ]} />
  );
}

function Detail({ r, back }: { r: Recording; back: string }) {
  return (
    <Panel title={deviceOf(r)} back={back}
      actions={<LinkButton icon={Download} kind="primary" href={downloadOf(r)}
        download={r.file}>{t('recordings.download')}</LinkButton>}
      tools={can('recordings.delete') && (
        <MoreMenu name={deviceOf(r)} items={[{
          label: t('recordings.delete') + '…', icon: Trash2, danger: true,
          run: () => askRemove([r], () => go(back)) }]} />)}>
      {r.growing && <Note title={t('recordings.growing')}>
        {t('recordings.growing.text')}</Note>}
      <Player r={r} />
      <section><h3 class="sr">{t('recordings.about')}</h3>
        <About r={r} /></section>
    </Panel>
  );
}

export function RecordingPanel({ file, back }: {
  file: string; back: string;
}) {
  const data = useData<Page<Recording>>(RECORDINGS, { file, pageSize: 1 }, 30);
  const r = data.value?.data[0];
  if (r)
    return <Detail r={r} back={back} />;
  return (
    <Panel title={t('nav.recordings')} back={back}>
      <Loaded data={data}>{() => (
        <Empty title={t('recordings.gone')}>{t('recordings.gone.text')}</Empty>
      )}</Loaded>
    </Panel>
  );
}
