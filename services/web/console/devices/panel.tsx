// One device: what it is, what happened with it, which settings it gets.
import { Globe, MonitorPlay } from 'lucide';

import { Badge, DeviceId, Facts, LinkButton, State, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import { duration, seconds, system } from '../../ui/format';
import type { Page } from '../../ui/http';
import { Menu, MoreMenu } from '../../ui/menu';
import type { ConnAudit, Device } from '../../ui/model';
import { go, path, place, withQuery } from '../../ui/router';
import { Empty, Loaded } from '../../ui/states';
import { Tabs } from '../../ui/tabs';
import { KIND_NAMES } from '../audit/kinds';
import { Panel } from '../page';
import { PageLink } from '../page_link';
import { can } from '../session';
import { type Key, t } from '../texts';
import { deviceMenu, nameOf } from './actions';
import { CloneNote } from './clones';
import { Explain } from './explain';
import { Settings } from './settings';

export function DeviceState({ d }: { d: Device }) {
  if (d.status === 0)
    return <State tone="bad">{t('devices.isDisabled')}</State>;
  return d.is_online ? <State tone="good">{t('devices.online')}</State>
    : <State tone="off">{t('devices.offline')}</State>;
}

function Ref({ to, children }: { to: string; children: string }) {
  return children ? <PageLink href={to}>{children}</PageLink>
    : <>{t('ui.none')}</>;
}

function About({ d }: { d: Device }) {
  const info = d.info ?? {};
  const q = (name: string, value: string) =>
    `/${name}?q=${encodeURIComponent(value)}`;
  return (
    <Facts of={[
      [t('devices.id'), <DeviceId id={d.id} />],
      [t('devices.state'), <DeviceState d={d} />],
      [t('devices.lastSeen'), d.is_online ? t('devices.now')
        : <Time at={d.last_seen ?? seconds(d.last_online)} />],
      [t('devices.user'), <Ref to={q('users', d.user_name)}>{d.user_name}</Ref>],
      [t('devices.userGroup'), d.group_name],
      [t('devices.group'),
        <Ref to={q('device-groups', d.device_group_name)}>
          {d.device_group_name}</Ref>],
      [t('devices.strategy'),
        <Ref to={q('strategies', d.strategy_name)}>{d.strategy_name}</Ref>],
      [t('devices.username'), d.device_username],
      [t('devices.os'), system(info['os'] ?? d.os)],
      [t('devices.version'), info['version'] ?? d.version],
      [t('devices.cpu'), info['cpu']],
      [t('devices.memory'), info['memory']],
      [t('devices.address'), d.address],
      [t('devices.added'), <Time at={d.created_at} full />],
      [t('devices.note'), d.note],
    ]} />
  );
}

function Sessions({ d }: { d: Device }) {
  const data = useData<Page<ConnAudit>>('/api/audits/conn',
    { device: d.id, pageSize: 30 });
  return (
    <Loaded data={data}>
      {(page) => page.data.length === 0
        ? <Empty title={t('devices.noSessions')}>
          {t('devices.noSessions.text')}</Empty>
        : <ul class="events">
          {page.data.map((r) => (
            <li key={r.guid}>
              <span class="event-main">
                <b>{r.peer_name || r.user_name || r.peer_id || r.ip}</b>{' '}
                <Badge>{t(KIND_NAMES[r.conn_type ?? -1] ?? 'audit.kind.none')}</Badge>
              </span>
              <span class="muted">
                <Time at={r.created_at} />
                {r.end_time
                  ? ' · ' + duration(r.end_time - r.created_at)
                  : ' · ' + t('audit.stillOpen')}
              </span>
              {r.note && <span class="muted">{r.note}</span>}
            </li>
          ))}
        </ul>}
    </Loaded>
  );
}

const TABS = [
  ['', 'devices.about'], ['sessions', 'devices.sessions'],
  ['settings', 'devices.settings'], ['access', 'devices.access'],
] as const satisfies readonly (readonly [string, Key])[];

const WEB_USES = ['desktop', 'files', 'terminal', 'camera'] as const;

function webClient(id: string, use: (typeof WEB_USES)[number]): string {
  return `/web/#id=${id}` + (use === 'desktop' ? '' : '&use=' + use);
}

function Connect({ d }: { d: Device }) {
  return (
    <>
      <LinkButton kind="primary" icon={MonitorPlay} href={`rustdesk://${d.id}`}>
        {t('devices.connect')}
      </LinkButton>
      <Menu label={t('devices.inBrowser')} kind="plain" icon={Globe}
        items={WEB_USES.map((use) => ({ label: t(`devices.web.${use}`),
          href: webClient(d.id, use) }))}>{t('devices.inBrowser')}</Menu>
    </>
  );
}

function Detail({ d, back }: { d: Device; back: string }) {
  const tab = place.value.query.get('tab') ?? '';
  const tabs = TABS.filter(([id]) => (id !== 'sessions' || can('audits.view'))
    && (id !== 'access' || can('users.view')));
  return (
    <Panel title={nameOf(d)} back={back} actions={<Connect d={d} />}
      tools={<MoreMenu name={nameOf(d)}
        items={deviceMenu(d, () => go(back))} />}>
      <Tabs label={nameOf(d)} of={tabs.map(([id, name]) => ({
        href: withQuery({ tab: id }), label: t(name), here: tab === id,
      }))} />
      {tab === 'sessions' ? <Sessions d={d} />
        : tab === 'settings' ? <Settings d={d} />
          : tab === 'access' ? <Explain device={d} />
            : <><CloneNote guid={d.guid} /><About d={d} /></>}
    </Panel>
  );
}

export function DevicePanel({ guid }: { guid: string }) {
  const data = useData<Device>('/api/devices/' + encodeURIComponent(guid),
    undefined, 30);
  const query = new URLSearchParams(place.value.query);
  query.delete('tab');
  const back = path.value.replace(/\/[^/]*$/, '')
    + (query.size > 0 ? '?' + query.toString() : '');
  if (data.value)
    return <Detail d={data.value} back={back} />;
  return (
    <Panel title={t('nav.devices')} back={back}>
      <Loaded data={data}>{() => null}</Loaded>
    </Panel>
  );
}
