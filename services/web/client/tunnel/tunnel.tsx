// A web page of the device, or of what the device reaches, through a tunnel.
import { useEffect, useState } from 'preact/hooks';
import { ArrowLeft, LogOut, RotateCw, Unplug, X } from 'lucide';

import { pathOf } from '../../protocol/service';
import type { Target } from '../../protocol/service';
import { Button, IconButton } from '../../ui/controls';
import { deviceId } from '../../ui/format';
import { Note } from '../../ui/states';
import { closeUse, renew } from '../open';
import { Phases } from '../phases';
import type { Remote } from '../remote';
import { Switcher } from '../switcher';
import { t } from '../texts';
import type { ViewProps } from '../workspace';
import { Browser } from './browser';
import { get } from './exchange';
import { Content } from './shown';
import { keepTarget, TargetForm } from './target';

function Address({ browser, other }: {
  browser: Browser; other: () => void;
}) {
  const path = browser.path.value;
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped(undefined), [path]);
  const busy = browser.busy.value;
  const go = () => {
    const to = typed?.trim() ?? path;
    const found = pathOf(to, `${browser.origin}/`);
    if (found === undefined)
      browser.outside.value = to;
    else
      browser.go(get(found));
  };
  return (
    <form class="tab-row address-row"
      onSubmit={(e) => { e.preventDefault(); go(); }}>
      <IconButton icon={ArrowLeft} label={t('tunnel.back')}
        disabled={browser.behind.value === 0
          && browser.shown.value.kind !== 'file'}
        onClick={() => browser.back()} />
      {busy ? <IconButton icon={X} label={t('tunnel.stop')}
        onClick={() => browser.stop()} />
        : <IconButton icon={RotateCw} label={t('tunnel.reload')}
          onClick={() => browser.reload()} />}
      <span class="mono muted address-origin">{browser.origin}</span>
      <input class="mono" aria-label={t('tunnel.address')}
        value={typed ?? path} autoComplete="off" autoCapitalize="off"
        spellcheck={false} maxLength={2000}
        onInput={(e) => setTyped(e.currentTarget.value)} />
      <Button small type="submit">{t('tunnel.go')}</Button>
      <IconButton icon={Unplug} label={t('tunnel.other')} onClick={other} />
    </form>
  );
}

function Open({ browser, live, other }: {
  browser: Browser; live: boolean; other: () => void;
}) {
  useEffect(() => {
    if (live && browser.shown.peek().kind !== 'page')
      browser.reload();
  }, [live]);
  useEffect(() => () => browser.close(), []);
  const outside = browser.outside.value;
  return (
    <>
      <Address browser={browser} other={other} />
      {outside && (
        <Note tone="warn" title={t('tunnel.outside')}>{outside}</Note>)}
      <div class="terminal-body" aria-busy={browser.busy.value}>
        <Content browser={browser} shown={browser.shown.value} />
      </div>
    </>
  );
}

interface Place { readonly of: Remote; readonly browser: Browser }

export function TunnelView({ remote, use, hidden }: ViewProps) {
  const [place, setPlace] = useState<Place>();
  const browser = place?.of === remote ? place.browser : undefined;
  const { id } = remote.shared;
  const name = remote.peer.value?.hostname ?? deviceId(id);
  const choose = (target: Target) => {
    const made = new Browser(target, remote);
    keepTarget(id, target);
    remote.onOther = (m) => made.heard(m);
    setPlace({ of: remote, browser: made });
    void remote.start(target);
  };
  return (
    <div class="view terminal" hidden={hidden}>
      <header class="view-top">
        <strong class="view-name">{name}</strong>
        <Switcher use={use} />
        <span class="grow" />
        <IconButton icon={LogOut} label={t('toolbar.end')}
          onClick={() => closeUse(use)} />
      </header>
      {browser ? (
        <>
          <Open key={browser.origin} browser={browser}
            live={remote.phase.value.phase === 'live'}
            other={() => renew(use)} />
          <Phases remote={remote} use={use} />
        </>
      ) : (
        <div class="center">
          <TargetForm id={id} name={name} choose={choose}
            cancel={() => closeUse(use)} />
        </div>
      )}
    </div>
  );
}
