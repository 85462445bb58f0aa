// The first guide: a list that stays until everything is done or put aside.
import { signal } from '@preact/signals';
import { Check, ChevronRight } from 'lucide';

import { Button } from '../../ui/controls';
import { Icon } from '../../ui/icon';
import { useData } from '../../ui/data';
import type { Page } from '../../ui/http';
import type { User } from '../../ui/model';
import { admin, config, feature, me } from '../session';
import { type Key, t } from '../texts';
import { daysLeft, type OverviewData } from './data';

interface Step {
  id: string;
  title: Key;
  text: string;
  href: string;
  done: boolean;
}

function load(): readonly string[] {
  return (localStorage.getItem('guide') ?? '').split(' ').filter(Boolean);
}

const aside = signal<readonly string[]>(load());

function put(ids: readonly string[]): void {
  aside.value = ids;
  localStorage.setItem('guide', ids.join(' '));
}

export const putAside = aside;

export function bringGuideBack(): void {
  put([]);
}

const RENEW_DAYS = 14;

// What is wrong with it, or how long it holds.
function certificate(o: OverviewData): Step {
  const c = o.certificate;
  return { id: 'certificate', title: 'guide.certificate', href: '/#health',
    text: c.state === 'none' ? t('guide.certificate.none')
      : c.expires > 0 && c.state !== 'expired'
        ? `${t(`certificate.${c.state}`)}, ${t('certificate.days',
          { n: daysLeft(c) })}`
        : t(`certificate.${c.state}`),
    done: c.state === 'trusted' && daysLeft(c) >= RENEW_DAYS };
}

function useSteps(o: OverviewData): readonly Step[] {
  const users = useData<Page<User>>(admin.value ? '/api/users' : undefined,
    { pageSize: 1 });
  const oidc = (config.value?.login_options.length ?? 0) > 0;
  return [
    { id: 'password', title: 'guide.password', text: t('guide.password.text'),
      href: '/me', done: me.value?.own_password ?? true },
    { id: 'tfa', title: 'guide.tfa', text: t('guide.tfa.text'), href: '/me',
      done: me.value?.tfa ?? false },
    { id: 'name', title: 'guide.name', text: t('guide.name.text'),
      href: '/setup', done: Boolean(config.value?.public_url) },
    certificate(o),
    { id: 'device', title: 'guide.device', text: t('guide.device.text'),
      href: '/setup', done: o.devices > 0 },
    { id: 'users', title: 'guide.users', text: t('guide.users.text'),
      href: '/users?new=1', done: (users.value?.total ?? 2) > 1 },
    { id: 'mail', title: 'guide.mail', text: t('guide.mail.text'),
      href: '/settings/mail', done: feature('mail') },
    { id: 'directory', title: 'guide.directory',
      text: t('guide.directory.text'), href: '/settings/directories',
      done: oidc },
  ];
}

function Row({ step }: { step: Step }) {
  return (
    <li class={step.done ? 'done' : ''}>
      <span class="tick">{step.done && <Icon of={Check} label={t('guide.done')} />}</span>
      <a href={step.href}>
        <b>{t(step.title)}</b><span class="muted">{step.text}</span>
      </a>
      {step.done ? <span /> : <>
        <Button small kind="quiet"
          onClick={() => put([...aside.value, step.id])}>{t('guide.skip')}</Button>
        <Icon of={ChevronRight} /></>}
    </li>
  );
}

export function Guide({ o }: { o: OverviewData }) {
  const steps = useSteps(o);
  const open = steps.filter((s) => !aside.value.includes(s.id));
  if (!admin.value || open.every((s) => s.done))
    return null;
  const done = steps.filter((s) => s.done).length;
  return (
    <section class="guide" aria-labelledby="guide">
      <header class="buttons between">
        <h2 id="guide">{t('guide.title')}</h2>
        <span class="muted">{t('guide.progress',
          { done, total: steps.length })}</span>
      </header>
      <ul>{open.map((s) => <Row key={s.id} step={s} />)}</ul>
    </section>
  );
}
