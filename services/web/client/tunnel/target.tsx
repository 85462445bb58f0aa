// Where a tunnel leads to: asked before the device is, which shows it to
// whoever accepts the connection and lets it be no other.
import { useState } from 'preact/hooks';
import { ExternalLink } from 'lucide';

import { readTarget } from '../../protocol/service';
import type { Target, TargetFault } from '../../protocol/service';
import { Button, useFocus } from '../../ui/controls';
import { t } from '../texts';

const KEPT = 8;                 // of a device, while the page is open

const before = new Map<string, readonly Target[]>();

const same = (a: Target, b: Target) => a.host === b.host && a.port === b.port;

export function keepTarget(id: string, target: Target): void {
  const others = (before.get(id) ?? []).filter((x) => !same(x, target));
  before.set(id, [target, ...others].slice(0, KEPT));
}

function Recent({ id, choose }: {
  id: string; choose: (target: Target) => void;
}) {
  const list = before.get(id) ?? [];
  return list.length === 0 ? null : (
    <div class="connect-uses" role="group" aria-label={t('tunnel.recent')}>
      {list.map((x) => (
        <Button key={`${x.host} ${x.port}`} onClick={() => choose(x)}>
          {`${x.host}:${x.port}`}
        </Button>
      ))}
    </div>
  );
}

export function TargetForm({ id, name, choose, cancel }: {
  id: string; name: string; choose: (target: Target) => void;
  cancel: () => void;
}) {
  const [host, setHost] = useState('localhost');
  const [port, setPort] = useState('80');
  const [fault, setFault] = useState<TargetFault>();
  const field = useFocus<HTMLInputElement>();
  const open = () => {
    const target = readTarget(host, port);
    if (typeof target === 'string')
      setFault(target);
    else
      choose(target);
  };
  return (
    <form class="card" onSubmit={(e) => { e.preventDefault(); open(); }}>
      <h1>{t('tunnel.title', { name })}</h1>
      <div class="field">
        <label for="tunnel-host">{t('tunnel.host')}</label>
        <input id="tunnel-host" ref={field} class="mono" value={host}
          maxLength={260} autoComplete="off" autoCapitalize="off"
          spellcheck={false} aria-describedby="tunnel-help"
          aria-invalid={fault === 'host' || fault === 'https'}
          onInput={(e) => {
            setHost(e.currentTarget.value);
            setFault(undefined);
          }} />
      </div>
      <div class="field">
        <label for="tunnel-port">{t('tunnel.port')}</label>
        <input id="tunnel-port" class="mono" inputMode="numeric" value={port}
          maxLength={5} autoComplete="off" aria-describedby="tunnel-help"
          aria-invalid={fault === 'port'}
          onInput={(e) => {
            setPort(e.currentTarget.value);
            setFault(undefined);
          }} />
        <p id="tunnel-help" class={fault ? 'error' : 'help'}
          aria-live="polite">
          {t(fault ? `tunnel.bad.${fault}` : 'tunnel.help')}
        </p>
      </div>
      <Recent id={id} choose={choose} />
      <p class="muted small">{t('tunnel.limits')}</p>
      <div class="card-foot">
        <Button onClick={cancel}>{t('ask.cancel')}</Button>
        <Button type="submit" kind="primary" icon={ExternalLink}>
          {t('tunnel.open')}
        </Button>
      </div>
    </form>
  );
}
