// What has come from the service: a page in its frame, a file to keep, or
// why nothing came.
import { useEffect, useRef } from 'preact/hooks';
import { CircleAlert, Download, RotateCw } from 'lucide';

import { headerOf } from '../../protocol/http';
import { Button } from '../../ui/controls';
import { bytes } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { save } from '../save';
import { t } from '../texts';
import type { Browser, Shown } from './browser';
import type { Failed, Fetched } from './exchange';
import { READY } from './frames';
import type { Show } from './frames';

// Scripts and forms of the service, and nothing of ours: no origin, no
// windows, no dialogs, no downloads, no way up.
const SANDBOX = 'allow-scripts allow-forms';

function Page({ browser, of }: { browser: Browser; of: Fetched }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    let shown = false;
    const ready = ({ source, data }: MessageEvent<unknown>) => {
      const to = frame.current?.contentWindow;
      if (!to || source !== to || data !== READY)
        return;
      if (shown)                // the page has loaded itself once more
        return browser.reload();
      shown = true;
      const show: Show = {
        address: browser.origin + of.path, body: of.body, cookie: of.cookie,
        type: headerOf(of.headers, 'content-type'),
      };
      // The frame has no origin that could be named.
      to.postMessage(show, '*', [browser.page(of)]);
    };
    addEventListener('message', ready);
    return () => removeEventListener('message', ready);
  }, [of]);
  return (
    <iframe ref={frame} class="terminal-frame tunnel-frame" sandbox={SANDBOX}
      src="tunnel.html" referrerpolicy="no-referrer"
      title={browser.title.value || t('tunnel.page')} />
  );
}

function File({ of, name }: { of: Fetched; name: string }) {
  return (
    <section class="card" aria-live="polite">
      <h1>{name}</h1>
      <p class="muted">{t('tunnel.file', { size: bytes(of.body.length) })}</p>
      <div class="card-foot">
        <Button kind="primary" icon={Download}
          onClick={() => save(new Blob([of.body]), name)}>
          {t('tunnel.save')}
        </Button>
      </div>
    </section>
  );
}

const NO_PERMISSION = 'No permission of IP tunneling';

function sentence({ fault, detail }: Failed, address: string): string {
  if (fault === 'unreachable' && detail === NO_PERMISSION)
    return t('why.no-tunnel');
  const text = t(`tunnel.fault.${fault}`, { address });
  return detail === '' || detail.startsWith('Failed to access remote ')
    ? text : `${text} ${detail}`;
}

function Fault({ browser, why }: { browser: Browser; why: Failed }) {
  return (
    <section class="card" role="alert">
      <h1><Icon of={CircleAlert} size={20} /> {t('tunnel.failed')}</h1>
      <p>{sentence(why, browser.origin)}</p>
      <div class="card-foot">
        <Button kind="primary" icon={RotateCw}
          onClick={() => browser.reload()}>{t('end.again')}</Button>
      </div>
    </section>
  );
}

export function Content({ browser, shown }: {
  browser: Browser; shown: Shown;
}) {
  switch (shown.kind) {
    case 'nothing': return null;
    case 'page':
      return <Page key={shown.key} browser={browser} of={shown.of} />;
    case 'file':
      return (
        <div class="center"><File of={shown.of} name={shown.name} /></div>
      );
    case 'fault':
      return (
        <div class="center"><Fault browser={browser} why={shown.why} /></div>
      );
  }
}
