// Navigation and what floats above every page.
import { Menu as MenuIcon, PanelLeft } from 'lucide';
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ErrorBoundary } from './boundary';

import { touch } from '../ui/data';
import { IconButton } from '../ui/controls';
import { Questions } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { BulkProgress } from '../ui/list/bulk';
import { offerLeftJob } from '../ui/list/job';
import { Menu } from '../ui/menu';
import { type Params, path } from '../ui/router';
import { Toasts } from '../ui/toast';
import { Commands } from './commands';
import { usePart, Waiting } from './lazy';
import { GROUPS, home, pageAt, type PageOf, visible } from './nav';
import { Page, Top } from './page';
import { Proof } from './reauth';
import { config } from './session';
import { Shortcuts } from './shortcuts';
import { t } from './texts';
import { Empty } from '../ui/states';
import { LinkButton } from '../ui/controls';

const narrow = signal(localStorage.getItem('nav') === 'narrow');
const ON_PHONE = ['/', '/devices', '/sessions', '/users', '/books', '/setup'];
const PHONE_MAX = 4;

function here(page: PageOf): boolean {
  return page.path === '/' ? path.value === '/'
    : path.value === page.path || path.value.startsWith(page.path + '/');
}

function Entry({ page, brief }: { page: PageOf; brief?: boolean }) {
  const name = t(brief && page.brief || page.name);
  return (
    <a href={page.path} aria-current={here(page) ? 'page' : undefined}
      title={narrow.value ? name : undefined}>
      <Icon of={page.icon} /><span>{name}</span>
    </a>
  );
}

function Side() {
  const pages = visible();
  return (
    <nav class="side" aria-label={t('frame.navigation')}>
      <div class="brand">
        <a href={home()}>{config.value?.name || t('frame.name')}</a>
        <IconButton icon={PanelLeft}
          label={t(narrow.value ? 'frame.widen' : 'frame.narrow')}
          onClick={() => {
            narrow.value = !narrow.value;
            localStorage.setItem('nav', narrow.value ? 'narrow' : 'wide');
          }} />
      </div>
      {GROUPS.map(([group, name]) => {
        const list = pages.filter((p) => p.group === group);
        return list.length > 0 && (
          <div key={group} class="group" role="group"
            aria-label={name ? t(name) : undefined}>
            {name && <p aria-hidden="true">{t(name)}</p>}
            {list.map((p) => <Entry key={p.path} page={p} />)}
          </div>
        );
      })}
    </nav>
  );
}

function Bottom() {
  const pages = visible();
  const shown = ON_PHONE.flatMap((path) => pages.filter((p) => p.path === path))
    .slice(0, PHONE_MAX);
  const rest = pages.filter((p) => !shown.includes(p));
  return (
    <nav class="bottom" aria-label={t('frame.navigation')}>
      {shown.map((p) => <Entry key={p.path} page={p} brief />)}
      <Menu icon={MenuIcon} label={t('ui.more')} items={rest.map((p) => ({
        label: t(p.name), icon: p.icon, href: p.path,
      }))}>{t('ui.more')}</Menu>
    </nav>
  );
}

function NoPage() {
  return (
    <Page title={t('frame.noPage')}>
      <Empty title={t('frame.noPage')}
        action={<LinkButton href={home()}>{t('frame.home')}</LinkButton>}>
        {t('frame.noPage.text')}
      </Empty>
    </Page>
  );
}

function NotYours({ page }: { page: PageOf }) {
  return (
    <Page title={t(page.name)}>
      <Empty title={t('frame.notYours')}
        action={<LinkButton href={home()}>{t('frame.home')}</LinkButton>}>
        {t('frame.notYours.text')}
      </Empty>
    </Page>
  );
}

function Part({ page, params }: { page: PageOf; params: Params }) {
  const Shown = usePart(page.load);
  return Shown ? <Shown params={params} /> : <Waiting title={t(page.name)} />;
}

function Shown() {
  const found = pageAt(path.value);
  if (!found)
    return <NoPage />;
  if (!found.page.may())
    return <NotYours page={found.page} />;
  return (
    <ErrorBoundary key={found.page.path}>
      <Part key={found.page.path} {...found} />
    </ErrorBoundary>
  );
}

export function Frame() {
  useEffect(() => {
    // What it changed is on every page; who may not ask has none.
    offerLeftJob(() => touch('/api')).catch(() => undefined);
  }, []);
  return (
    <div class={narrow.value ? 'frame narrow' : 'frame'}>
      <a class="skip" href="#content">{t('frame.skip')}</a>
      <Side />
      <div class="page"><Top /><Shown /></div>
      <Bottom />
      <Commands />
      <Shortcuts />
      <Questions />
      <Proof />
      <BulkProgress />
      <Toasts />
    </div>
  );
}
