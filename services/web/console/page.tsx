// One page: above it where I am, search, connection, account; below that the
// content, beside it what is open.
import { ArrowLeft, LogOut, Search, UserRound, X } from 'lucide';
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';

import { IconButton } from '../ui/controls';
import { reachable } from '../ui/http';
import { Icon } from '../ui/icon';
import { Menu } from '../ui/menu';
import { paletteOpen } from '../ui/palette';
import { go } from '../ui/router';
import { fail } from '../ui/toast';
import { shortcutsOpen } from './shortcuts';
import { config, me, signOut } from './session';
import { t } from './texts';

function Account() {
  const user = me.value!;
  const name = user.display_name || user.name;
  return (
    <Menu icon={UserRound} label={t('frame.account', { name })}
      head={<p class="menu-note"><b>{name}</b><br />{user.email || user.name}</p>}
      items={[
        { label: t('nav.me'), href: '/me' },
        { label: t('frame.shortcuts'), hint: '?',
          run: () => { shortcutsOpen.value = true; } },
        'line',
        { label: t('frame.signOut'), icon: LogOut,
          run: () => { signOut().catch(fail); } },
      ]} />
  );
}

function SearchButton() {
  return (
    <button type="button" class="find" aria-keyshortcuts="Control+K"
      onClick={() => { paletteOpen.value = true; }}>
      <Icon of={Search} /><span>{t('ui.search')}</span><kbd aria-hidden="true">Ctrl K</kbd>
    </button>
  );
}

export interface Crumb {
  href: string;
  label: string;
}

// What the page that is shown says of itself.
const shown = signal<{ title: string; parents: readonly Crumb[] }>(
  { title: '', parents: [] });

// Stays while pages come and go: what is open in it does not close.
export function Top() {
  const { title, parents } = shown.value;
  useEffect(() => {
    document.title = `${title} – ${config.value?.name ?? ''}`;
  }, [title]);
  return (
    <header class="top">
      <div class="crumbs">
        {parents.map((p) => (
          <span key={p.href}><a href={p.href}>{p.label}</a>
            <span class="muted" aria-hidden="true"> / </span></span>
        ))}
        <h1>{title}</h1>
      </div>
      <span class="grow" />
      <SearchButton />
      <Account />
      {!reachable.value && (
        <p class="offline" role="status">{t('offline')}</p>)}
    </header>
  );
}

export function Page({ title, parents = [], children, form, panel }: {
  title: string; parents?: readonly Crumb[]; children: ComponentChildren;
  form?: boolean; // one column for forms and texts
  panel?: ComponentChildren; // what is open beside a list
}) {
  useLayoutEffect(() => {
    shown.value = { title, parents };
  }, [title, ...parents.flatMap((p) => [p.href, p.label])]);
  return (
    <main class={panel ? 'split' : 'whole'} id="content" tabIndex={-1}>
      <div class={form ? 'content form' : 'content'}>{children}</div>
      {panel}
    </main>
  );
}

// A detail beside its list; on narrow screens in its place. Escape closes.
export function Panel({ title, back, children, actions, tools }: {
  title: string; back: string; children: ComponentChildren;
  actions?: ComponentChildren; tools?: ComponentChildren;
}) {
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      const busy = document.querySelector('dialog[open], :popover-open')
        || (e.target as Element).matches?.('input, textarea, select');
      if (e.key === 'Escape' && !e.defaultPrevented && !busy)
        go(back);
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [back]);
  return (
    <section class="panel" aria-label={title}>
      <header>
        <a class="button quiet icon-only back" href={back}
          aria-label={t('frame.back')} title={t('frame.back')}>
          <Icon of={ArrowLeft} />
        </a>
        <h2>{title}</h2>
        <span class="grow" />
        {tools}
        <span class="shut">
          <IconButton icon={X} label={t('ui.close')} onClick={() => go(back)} />
        </span>
      </header>
      {actions && <div class="buttons actions">{actions}</div>}
      <div class="panel-body">{children}</div>
    </section>
  );
}

// Tabs inside a panel or page, kept in the query.
export { Tabs } from '../ui/tabs';
