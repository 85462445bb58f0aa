// What the site stands on: its certificate and its database.
import type { ComponentChildren } from 'preact';

import { Facts, State, Time } from '../../ui/controls';
import { bytes, number } from '../../ui/format';
import { t } from '../texts';
import { type Certificate, daysLeft, type OverviewData, type Redis }
  from './data';

const TONES = { none: 'off', unknown: 'off', expired: 'bad',
  wrong_name: 'bad', private: 'warn', trusted: 'good' } as const;

function certificate(c: Certificate): ComponentChildren {
  return (
    <>
      <State tone={TONES[c.state]}>{t(`certificate.${c.state}`)}</State>
      {c.expires > 0 && c.state !== 'expired' && (
        <> {t('certificate.days', { n: daysLeft(c) })}</>)}
      {c.why && c.state === 'unknown' && (
        <span class="muted"> {c.why}</span>)}
    </>
  );
}

function memory(r: Redis): string {
  return r.max > 0
    ? t('redis.ofMax', { used: bytes(r.used), max: bytes(r.max) })
    : t('redis.noMax', { used: bytes(r.used) });
}

function saved(r: Redis): ComponentChildren {
  if (r.unsaved)
    return <State tone="bad">{t('redis.unsaved')}</State>;
  return r.append_only ? t('redis.appended')
    : r.saved > 0 && <Time at={r.saved} />;
}

export function Health({ o }: { o: OverviewData }) {
  const c = o.certificate, r = o.redis;
  return (
    <section aria-labelledby="health">
      <h2 id="health">{t('health.title')}</h2>
      <Facts of={[
        [t('certificate.title'), certificate(c)],
        [t('certificate.name'), c.name],
        [t('certificate.expires'), c.expires > 0 && <Time at={c.expires} />],
        [t('certificate.asked'), c.asked > 0 && <Time at={c.asked} />],
        [t('redis.memory'), memory(r)],
        [t('redis.saved'), saved(r)],
        [t('redis.replicas'), r.replica ? t('redis.replica')
          : number(r.replicas)],
      ]} />
    </section>
  );
}
