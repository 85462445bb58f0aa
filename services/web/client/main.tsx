import './client.css';

import { render } from 'preact';
import { Loader } from 'lucide';

import { preferredLang, useLang } from '../ui/i18n';
import { reachable } from '../ui/http';
import { Icon } from '../ui/icon';
import { startTheme } from '../ui/theme';
import { Toasts } from '../ui/toast';
import { Home } from './home';
import { readLink, workspace } from './open';
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
      href={location.href.replace(/^http:/, 'https:')}
      link={t('main.insecure.link')} />;
  if (typeof VideoDecoder === 'undefined'
      || typeof OffscreenCanvas === 'undefined')
    return <Notice title={t('main.old')} text={t('main.old.text')} />;
  return (
    <>
      {workspace.value
        ? <Workspace key={workspace.value.shared.sessionId.toString()}
          of={workspace.value} />
        : <Home />}
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

startTheme();
await useLang(preferredLang());
document.title = t('main.title');
render(<App />, document.body);
await connect();
readLink();
if ('serviceWorker' in navigator && isSecureContext)
  navigator.serviceWorker.register('sw.js').catch(() => undefined);
