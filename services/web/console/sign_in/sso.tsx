// Single sign-on: the provider's page opens beside this one, which waits.
import { useState } from 'preact/hooks';

import { Button } from '../../ui/controls';
import { sentence } from '../../ui/errors';
import { api, ApiError } from '../../ui/http';
import { config, loadMe } from '../session';
import { t } from '../texts';
import { browserName } from './device';

const PENDING = 'No authed oidc is found';
const ASK_MS = 1000;
const GIVE_UP_MS = 5 * 60_000;

export function providers(): string[] {
  return (config.value?.login_options ?? [])
    .filter((o) => o.startsWith('oidc/')).map((o) => o.slice(5));
}

async function asked(query: Record<string, string>): Promise<boolean> {
  try {
    await api.get('/api/web/oidc/query', { query, quiet: true });
    return true;
  } catch (e) {
    if (e instanceof ApiError && (e.message === PENDING || e.status === 0))
      return false;
    throw e;
  }
}

async function through(op: string, page: Window | null): Promise<void> {
  const id = crypto.randomUUID();
  const uuid = crypto.randomUUID();
  const { code, url } = await api.post<{ code: string; url: string }>(
    '/api/web/oidc/auth', { op, id, uuid, deviceInfo: browserName() },
    { quiet: true });
  if (!page)
    throw new Error(t('sso.blocked'));
  page.location.href = url;
  for (const end = Date.now() + GIVE_UP_MS; Date.now() < end;) {
    await new Promise((done) => setTimeout(done, ASK_MS));
    if (await asked({ code, id, uuid })) {
      page.close();
      return;
    }
  }
  throw new Error(t('sso.late'));
}

export function Sso() {
  const [waiting, setWaiting] = useState('');
  const [error, setError] = useState('');
  const list = providers();
  if (list.length === 0)
    return null;
  const start = async (op: string) => {
    setWaiting(op);
    setError('');
    const page = open('about:blank', '_blank');
    try {
      await through(op, page);
      await loadMe();
    } catch (e) {
      page?.close();
      setError(sentence(e));
    } finally {
      setWaiting('');
    }
  };
  return (
    <div class="sso">
      <p class="or"><span>{t('sso.or')}</span></p>
      {list.map((op) => (
        <Button key={op} busy={waiting === op} onClick={() => void start(op)}>
          {t('sso.with', { name: op })}
        </Button>
      ))}
      {waiting && <p class="muted" role="status">{t('sso.waiting')}</p>}
      {error && <p class="error" role="alert">{error}</p>}
    </div>
  );
}
