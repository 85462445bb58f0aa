// Whom the servers refused, by reason.
import { number } from '../../ui/format';
import { has } from '../../ui/i18n';
import { type Key, t } from '../texts';
import type { OverviewData, Refusals as Row } from './data';

// A newer server may have reasons that this page has no sentence for.
function sentence(r: Row): string {
  const key = `refused.${r.service}.${r.reason}`;
  return has(key) ? t(key as Key) : r.reason;
}

export function Refusals({ o }: { o: OverviewData }) {
  const rows = [...o.refusals].sort((a, b) => b.count - a.count);
  return (
    <section aria-labelledby="refusals">
      <h2 id="refusals">{t('refused.title')}</h2>
      <p class="muted">{t(rows.length > 0 ? 'refused.text'
        : 'refused.none')}</p>
      {rows.length > 0 && (
        <div class="table" tabIndex={-1}>
          <table class="plain-table">
            <thead><tr>
              <th scope="col">{t('refused.reason')}</th>
              <th scope="col">{t('overview.role')}</th>
              <th scope="col">{t('refused.count')}</th>
            </tr></thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.service + r.reason}>
                  <th scope="row">{sentence(r)}</th>
                  <td class="phone">{t(`overview.role.${r.service}`)}</td>
                  <td class="phone">{number(r.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>)}
    </section>
  );
}
