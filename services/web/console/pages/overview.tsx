// The site at a glance; on a wall too.
import { Maximize, TriangleAlert } from 'lucide';
import type { ComponentChildren } from 'preact';

import { Button, IconButton, State, Time } from '../../ui/controls';
import { Chart } from '../../ui/chart';
import { useData } from '../../ui/data';
import { bytes, deviceId, duration, number } from '../../ui/format';
import type { Page as PageOf } from '../../ui/http';
import { Icon } from '../../ui/icon';
import type { Session } from '../../ui/model';
import { place } from '../../ui/router';
import { Loaded } from '../../ui/states';
import { Tabs } from '../../ui/tabs';
import { fail } from '../../ui/toast';
import { KIND_NAMES } from '../audit/kinds';
import { type Column, daysLeft, type History, type Node,
  type OverviewData, series } from '../overview/data';
import { bringGuideBack, Guide, putAside } from '../overview/guide';
import { Health } from '../overview/health';
import { RelayLists } from '../overview/lists';
import { Refusals } from '../overview/refusals';
import { mayOpen } from '../nav';
import { Page } from '../page';
import { PageLink } from '../page_link';
import { admin, can } from '../session';
import { type Key, t } from '../texts';

const EVERY_S = 10;
const bits = (n: number) => bytes(n / 8, true);

interface FigureOf {
  name: Key;
  value: (o: OverviewData) => string;
  more?: (o: OverviewData) => string;
  column?: Column;
  say?: (n: number) => string;
  href: string;
}

const FIGURES: readonly FigureOf[] = [
  { name: 'overview.online', column: 'devicesOnline', href: '/devices?online=1',
    value: (o) => o.counting ? '–' : number(o.devices_online),
    more: (o) => t('overview.of', { n: o.devices }) },
  { name: 'overview.sessions', column: 'sessions', href: '/sessions',
    value: (o) => number(o.sessions) },
  { name: 'overview.relayed', column: 'relaySessions', href: '/sessions',
    value: (o) => number(o.relay_sessions) },
  { name: 'overview.traffic', column: 'relayBits', say: bits, href: '/sessions',
    value: (o) => bits(o.relay_bits_per_s) },
  { name: 'overview.users', href: '/users', value: (o) => number(o.users) },
  { name: 'overview.alarms', href: '/audit/alarm',
    value: (o) => number(o.alarms_24h), more: () => t('overview.day') },
];

function Figure({ f, o, h }: {
  f: FigureOf; o: OverviewData; h: History | undefined;
}) {
  const line = f.column && h && series(h, f.column);
  const what = (
    <>
      <h3>{t(f.name)}</h3>
      <p class="value">{f.value(o)}{f.more && (
        <span class="muted"> {f.more(o)}</span>)}</p>
    </>
  );
  return (
    <div class="figure">
      {mayOpen(f.href) ? <a href={f.href}>{what}</a>
        : <div class="what">{what}</div>}
      {line && line.times.length > 1 && (
        <Chart label={t(f.name)} times={line.times} height={56}
          say={f.say ?? number}
          series={[{ label: t(f.name), values: line.values }]} />)}
    </div>
  );
}

function NeedsAttention({ o }: { o: OverviewData }) {
  const list = [
    ...o.redis.up ? [] : [{ text: t('overview.redisDown'), href: '' }],
    ...o.alarms_24h > 0 ? [{ href: '/audit/alarm',
      text: t('attention.alarms', { n: o.alarms_24h }) }] : [],
    ...o.cloned_ids > 0 ? [{ href: '/duplicates?by=copy',
      text: t('attention.clones', { n: o.cloned_ids }) }] : [],
    ...o.attention.map((a) => ({ href: '',
      text: t(`attention.${a.kind}`,
        { name: a.name, n: daysLeft(o.certificate) }) })),
  ];
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">{t('overview.attention')}</h2>
      {list.length === 0
        ? <p><State tone="good">{t('overview.allGood')}</State></p>
        : <ul class="rows">
          {list.map(({ text, href }) => (
            <li key={text}>
              <Icon of={TriangleAlert} /><span class="grow">{text}</span>
              {href && <PageLink bare href={href}>{t('overview.look')}</PageLink>}
            </li>
          ))}
        </ul>}
    </section>
  );
}

function load(n: Node): string {
  return n.service === 'hbbr'
    ? [n.sessions !== undefined && t('overview.nSessions', { n: n.sessions }),
      n.bits_per_s !== undefined && bits(n.bits_per_s)]
      .filter(Boolean).join(' · ') : '';
}

function Nodes({ o }: { o: OverviewData }) {
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">{t('overview.nodes')}</h2>
      <div class="table" tabIndex={-1}>
        <table class="plain-table">
          <thead><tr>
            <th scope="col">{t('overview.node')}</th>
            <th scope="col">{t('strategies.state')}</th>
            <th scope="col">{t('overview.role')}</th>
            <th scope="col">{t('overview.load')}</th>
            <th scope="col">{t('devices.version')}</th>
            <th scope="col">{t('overview.started')}</th>
          </tr></thead>
          <tbody>
            {o.nodes.map((n) => (
              <tr key={n.service + n.name}>
                <th scope="row">{n.name}</th>
                <td class="phone">{n.draining
                  ? <State tone="warn">{t('overview.draining')}</State>
                  : <State tone="good">{t('overview.serving')}</State>}</td>
                <td class="phone">{t(`overview.role.${n.service}`)}</td>
                <td>{load(n)}</td><td>{n.version}</td>
                <td><Time at={n.started} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function LiveSessions() {
  const data = useData<PageOf<Session>>('/api/web/sessions', { pageSize: 6 },
    EVERY_S);
  return (
    <section aria-labelledby="live">
      <header class="buttons between">
        <h2 id="live">{t('nav.sessions')}</h2>
        <a href="/sessions">{t('overview.allSessions')}</a>
      </header>
      <Loaded data={data} lines={3}>
        {(page) => page.data.length === 0
          ? <p class="muted">{t('sessions.empty')}</p>
          : <ul class="rows">
            {page.data.map((s) => (
              <li key={s.guid}>
                <span class="grow"><b>{s.user_name || s.peer_name || s.peer_id || s.ip}</b>
                  {' → '}{deviceId(s.device)}{' '}
                  <span class="muted">
                    {t(KIND_NAMES[s.conn_type ?? -1] ?? 'ui.unknown')}</span></span>
                <span class="muted">
                  {duration(Date.now() / 1000 - s.created_at)}</span>
              </li>
            ))}
          </ul>}
      </Loaded>
    </section>
  );
}

function span(): 'day' | 'year' {
  return place.value.query.get('span') === 'year' ? 'year' : 'day';
}

function Wall({ children }: { children: ComponentChildren }) {
  return <div class="wall">{children}</div>;
}

export default function Overview() {
  const data = useData<OverviewData>('/api/web/overview', undefined, EVERY_S);
  const history = useData<History>(can('audits.view')
    ? '/api/web/history' : undefined, { span: span() }, 60);
  const full = () => {
    const wall = document.querySelector('.wall');
    if (wall)
      wall.requestFullscreen().catch(fail);
  };
  return (
    <Page title={t('nav.overview')}>
      <Loaded data={data}>
        {(o) => (
          <Wall>
            <Guide o={o} />
            <div class="buttons between">
              <Tabs label={t('overview.span')} of={[
                { href: '/', label: t('overview.lastDay'),
                  here: span() === 'day' },
                { href: '/?span=year', label: t('overview.lastYear'),
                  here: span() === 'year' }]} />
              <span class="buttons">
                {admin.value && putAside.value.length > 0 && (
                  <Button kind="quiet" onClick={bringGuideBack}>
                    {t('guide.again')}</Button>)}
                <IconButton icon={Maximize} label={t('overview.full')}
                  onClick={full} />
              </span>
            </div>
            <div class="figures">
              {FIGURES.map((f) => <Figure key={f.name + span()} f={f} o={o}
                h={history.value} />)}
            </div>
            <div class="halves">
              <NeedsAttention o={o} />
              {can('audits.view') && <LiveSessions />}
            </div>
            <Health o={o} />
            <Nodes o={o} />
            <Refusals o={o} />
            <RelayLists />
          </Wall>
        )}
      </Loaded>
    </Page>
  );
}
