// Who gains and who loses access by a change that is not made yet. It is told
// while the reader decides: the change waits for nothing that is asked here.
import { useEffect, useState } from 'preact/hooks';

import { sentence } from '../ui/errors';
import { deviceId, list } from '../ui/format';
import { api, ApiError, send } from '../ui/http';
import { useLate } from '../ui/states';
import { CONN_KINDS } from './devices/explain';
import { me } from './session';
import { t } from './texts';

// A call as it would be made.
export interface Call {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
  ids?: readonly string[]; // a body that is a list
}

export async function make(c: Call): Promise<void> {
  await send(c.method, c.path, c.ids ?? c.body);
}

// OF says in a word what CALLS are: as long as it stays, they are the same.
export interface Asked {
  of: string;
  calls: () => readonly Call[] | Promise<readonly Call[]>;
  count?: number; // of them, where there may be many
}

type Kind = (typeof CONN_KINDS)[number];

interface Row {
  user: string; // '': who is not signed in
  device: string;
  gains: readonly Kind[];
  loses: readonly Kind[];
}

interface Told {
  gains: number;
  loses: number;
  devices: number;
  changes: readonly Row[];
}

const PATH = '/api/web/rules/preview';
const MOST = 1000; // calls at once
const TYPING_MS = 250;
const AGAIN_S = 3;

// The answer names users and devices all over the site.
function mayAsk(): boolean {
  const everywhere = (right: string) => me.value?.grants?.some((g) =>
    g.scope === 'global' && g.permissions.includes(right));
  return Boolean(everywhere('devices.view') && everywhere('users.view'));
}

const passes = (e: unknown) => e instanceof ApiError
  && (e.status === 0 || e.status === 429 || e.status >= 500);

interface State {
  told?: Told;
  why?: string;
}

async function tell(
  { calls, count = 1 }: Asked, signal: AbortSignal,
): Promise<State> {
  if (count > MOST)
    return { why: t('change.many', { n: MOST }) };
  const all = await calls();
  if (all.length === 0)
    return { told: { gains: 0, loses: 0, devices: 0, changes: [] } };
  return { told: await api.post<Told>(PATH, { calls: all }, { signal }) };
}

// Asked again whenever OF becomes another; what was asked is taken back then,
// and when the dialog is closed.
function useTold(asked: Asked): State {
  const [state, setState] = useState<State>({});
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = () => {
      tell(asked, stop.signal).then((now) => {
        if (!stop.signal.aborted)
          setState(now);
      }, (e: unknown) => {
        if (stop.signal.aborted)
          return;
        setState({ why: sentence(e) });
        if (passes(e))
          timer = setTimeout(ask, Math.max(AGAIN_S,
            (e as ApiError).retryAfter) * 1000);
      });
    };
    setState({});
    timer = setTimeout(ask, TYPING_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked.of]);
  return state;
}

const kinds = (of: readonly Kind[]) => of.length === CONN_KINDS.length
  ? t('change.everything') : list(of.map((k) => t(`explain.kind.${k}`)));

function Named({ row }: { row: Row }) {
  const { gains, loses } = row;
  return (
    <li>
      <b>{row.user || t('change.nobody')}</b> → {deviceId(row.device)}{': '}
      {gains.length > 0 && t('change.gains', { what: kinds(gains) })}
      {gains.length > 0 && loses.length > 0 && '; '}
      {loses.length > 0 && t('change.loses', { what: kinds(loses) })}
    </li>
  );
}

function Answer({ told }: { told: Told }) {
  const { gains, loses, devices, changes } = told;
  if (gains + loses === 0)
    return <p role="status">{t('change.none')}</p>;
  return (
    <>
      <p role="status"><b>{t('change.sum', { gains, loses })}</b>{' '}
        <span class="muted">{t('change.counted', { n: devices })}</span></p>
      <ul class="report" tabIndex={0} aria-label={t('change.title')}>
        {changes.map((r) => <Named key={r.user + '\n' + r.device} row={r} />)}
      </ul>
      {changes.length >= MOST && (
        <p class="muted">{t('change.first', { n: MOST })}</p>)}
    </>
  );
}

function Tell(asked: Asked) {
  const { told, why } = useTold(asked);
  const late = useLate(!told && !why);
  return (
    <section class="stack tight access-change" aria-label={t('change.title')}>
      {told ? <Answer told={told} />
        : why ? <p class="muted" role="status">
          {t('change.failed', { why })}</p>
          : <p class="muted" role="status">{late && t('change.asking')}</p>}
    </section>
  );
}

// Who may not be told is told nothing.
export function AccessChange(asked: Asked) {
  return mayAsk() ? <Tell {...asked} /> : null;
}
