import './client.css';

import { render } from 'preact';
import { Loader } from 'lucide';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { preferredLang, useLang } from '../ui/i18n';
import { reachable } from '../ui/http';
import { Icon } from '../ui/icon';
import { startTheme } from '../ui/theme';
import { fail, Toasts } from '../ui/toast';
import { guest, openGuest, takeSecret, withSecret } from './guest';
import { Home } from './home';
import { closeDevice, readLink, workspace } from './open';
import { config, load } from './server';
import { t } from './texts';
import { Workspace } from './workspace';

const AGAIN_MS = 2000;

function Notice({ title, text, href, link }: {
  title: string; text: string; href?: string; link?: string;
}) {
  return (
    <main class="center">
      <section class="card">
        <h1>{title}</h1>
        <p class="muted">{text}</p>
        {href && <a class="button primary" href={href}>{link}</a>}
      </section>
    </main>
  );
}

// Loaded for guests alone.
function Guest() {
  const [Page, setPage] = useState<ComponentType>();
  useEffect(() => {
    import('./guest_page').then((part) => setPage(() => part.GuestPage), fail);
  }, []);
  return Page ? <Page /> : null;
}

function App() {
  const c = config.value;
  if (!c)
    return (
      <main class="center" aria-busy="true">
        <p class="muted">
          <Icon of={Loader} size={20} />{' '}
          {reachable.value ? t('main.loading') : t('main.unreachable')}
        </p>
      </main>
    );
  if (!isSecureContext)
    return <Notice title={t('main.insecure')} text={t('main.insecure.text')}
      href={withSecret(location.href.replace(/^http:/, 'https:'))}
      link={t('main.insecure.link')} />;
  if (typeof VideoDecoder === 'undefined'
      || typeof OffscreenCanvas === 'undefined')
    return <Notice title={t('main.old')} text={t('main.old.text')} />;
  return (
    <>
      {workspace.value
        ? <Workspace key={workspace.value.shared.sessionId.toString()}
          of={workspace.value} />
        : guest.value ? <Guest /> : <Home />}
      <Toasts />
    </>
  );
}

async function connect(): Promise<void> {
  for (;;) {
    try {
      await load();
      return;
    } catch {
      reachable.value = false;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

// Before anything else: the secret of a guest link leaves the address.
const asGuest = takeSecret();
addEventListener('hashchange', () => {
  if (!takeSecret())
    return;
  closeDevice();
  void openGuest();
});
startTheme();
await useLang(preferredLang());
document.title = t('main.title');
render(<App />, document.body);
await connect();
if (asGuest)
  void openGuest();
else
  readLink();
if ('serviceWorker' in navigator && isSecureContext)
  navigator.serviceWorker.register('sw.js').catch(() => undefined);
