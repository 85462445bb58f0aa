// Whom the relays slow or refuse, as each of them tells it.
import { State, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import { number } from '../../ui/format';
import { t } from '../texts';

interface RelayList {
  setting: 'BLACKLIST' | 'BLOCKLIST';
  path: string;
  missing: boolean;
  loaded: number;
  entries: number;
  first: string[];
  bad: number;
  bad_first: string[];
}

interface Relay {
  name: string;
  lists: RelayList[];
}

const EVERY_S = 30;

function File({ of }: { of: RelayList }) {
  return (
    <>
      <span>{of.path || t('lists.noFile')}</span>{' '}
      {of.missing && <State tone="off">{t('lists.missing')}</State>}
      {of.bad > 0 && (
        <details>
          <summary><State tone="warn">{t('lists.bad', { n: of.bad })}</State>
          </summary>
          <ul>{of.bad_first.map((l) => <li key={l}>{l}</li>)}</ul>
        </details>)}
    </>
  );
}

function Entries({ of }: { of: RelayList }) {
  if (of.entries === 0)
    return <span class="muted">{t('lists.none')}</span>;
  const more = of.entries - of.first.length;
  return (
    <details>
      <summary>{t('lists.entries', { n: of.entries })}</summary>
      <ul>
        {of.first.map((a) => <li key={a}>{a}</li>)}
        {more > 0 && <li>{t('lists.more', { n: number(more) })}</li>}
      </ul>
    </details>
  );
}

export function RelayLists() {
  const all = useData<{ data: Relay[] }>('/api/web/relay-lists', undefined,
    EVERY_S).value?.data.filter((r) => r.lists.length > 0) ?? [];
  if (all.length === 0)
    return null;
  return (
    <section aria-labelledby="lists">
      <h2 id="lists">{t('lists.title')}</h2>
      <div class="table" tabIndex={-1}>
        <table class="plain-table">
          <thead><tr>
            <th scope="col">{t('overview.role.hbbr')}</th>
            <th scope="col">{t('lists.what')}</th>
            <th scope="col">{t('lists.addresses')}</th>
            <th scope="col">{t('lists.file')}</th>
            <th scope="col">{t('lists.loaded')}</th>
          </tr></thead>
          <tbody>
            {all.flatMap((r) => r.lists.map((l) => (
              <tr key={r.name + l.setting}>
                <th scope="row">{r.name}</th>
                <td class="phone">{t(`lists.${l.setting}`)}</td>
                <td class="phone"><Entries of={l} /></td>
                <td><File of={l} /></td>
                <td><Time at={l.loaded} /></td>
              </tr>
            )))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
