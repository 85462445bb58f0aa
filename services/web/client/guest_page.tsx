// What a guest sees before a session: the device that is shared, or several
// to choose from; the question for the PIN; or why the link leads nowhere.
import { CircleAlert, LoaderCircle, Monitor, RotateCw } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Button, Facts, useFocus } from '../ui/controls';
import { deviceId, list, number, shortDate } from '../ui/format';
import { Icon } from '../ui/icon';
import { forgetGuest, guest, openGuest } from './guest';
import type { GuestDevice, Pass, Refusal } from './guest';
import { Top } from './home';
import { USE_ICON } from './icons';
import { online, useOnline } from './online';
import { openDevice } from './open';
import type { Use } from './open';
import { refusal, t } from './texts';
import { Online, Tile } from './tiles';

const USES: readonly [Use, string][] = [
  ['files', 'file'], ['terminal', 'terminal'], ['camera', 'camera']];
const NAMED = ['keyboard', 'clipboard', 'file', 'audio', 'terminal',
  'camera'] as const;

const usesOf = (of: Pass): readonly Use[] => USES
  .filter(([, right]) => of.permissions[right] !== 'disable')
  .map(([use]) => use);

function Conditions({ of }: { of: Pass }) {
  const denied = NAMED.filter((p) => of.permissions[p] === 'disable');
  return (
    <Facts of={[
      [t('guest.until'), shortDate(of.expires_at)],
      [t('guest.left'), of.uses_left >= 0
        && number(of.uses_left)],
      [t('guest.denied'), denied.length > 0
        && list(denied.map((p) => t(`guest.perm.${p}`)))],
    ]} />
  );
}

function One({ of, d }: { of: Pass; d: GuestDevice }) {
  const is = online.value.get(d.id) ?? d.online;
  return (
    <section class="home-connect">
      <div class="guest-head">
        <p class="muted">{t('guest.one', { name: of.user_name })}</p>
        <h1>{d.name || deviceId(d.id)}</h1>
        <p><Online id={d.id} known={d.online} /></p>
      </div>
      <div class="connect-uses">
        <Button kind="primary" icon={Monitor}
          onClick={() => openDevice(d.id, 'desktop')}>
          {t('home.connect')}
        </Button>
        {usesOf(of).map((use) => (
          <Button key={use} icon={USE_ICON[use]}
            onClick={() => openDevice(d.id, use)}>{t(`use.${use}`)}</Button>
        ))}
      </div>
      {!is && <p class="muted small">{t('guest.offline')}</p>}
      <Conditions of={of} />
    </section>
  );
}

function Several({ of }: { of: Pass }) {
  return (
    <>
      <section class="home-connect">
        <h1>{t('guest.several', { name: of.user_name })}</h1>
        <Conditions of={of} />
      </section>
      <ul class="tiles">
        {of.devices.map((d) => <Tile key={d.id} id={d.id} name={d.name}
          platform="" note="" known={d.online} uses={usesOf(of)} />)}
      </ul>
    </>
  );
}

function Opened({ of }: { of: Pass }) {
  const [only, ...others] = of.devices;
  useOnline(of.devices.map((d) => d.id));
  return (
    <div class="home">
      <Top />
      <main class="home-main">
        {!only ? <Refused why="void" />
          : others.length > 0 ? <Several of={of} /> : <One of={of} d={only} />}
      </main>
    </div>
  );
}

function Pin({ error }: { error: string }) {
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useFocus<HTMLInputElement>();
  const send = async () => {
    setBusy(true);
    await openGuest(pin);
    setBusy(false);
    setPin('');
    field.current?.focus();
  };
  const wrong = error === 'wrong' ? t('guest.pinWrong')
    : error === 'often' ? t('guest.why.too_frequent') : '';
  return (
    <form class="card" onSubmit={(e) => {
      e.preventDefault();
      if (pin && !busy)
        void send();
    }}>
      <h1>{t('guest.pinTitle')}</h1>
      <div class="field">
        <label for="pin">{t('guest.pin')}</label>
        <input id="pin" ref={field} type="password" value={pin} maxLength={64}
          autoComplete="off" aria-invalid={wrong !== ''}
          aria-describedby="pin-help"
          onInput={(e) => setPin(e.currentTarget.value)} />
        <p id="pin-help" class={wrong ? 'error' : 'help'} role="status">
          {wrong || t('guest.pinHelp')}
        </p>
      </div>
      <div class="card-foot">
        <Button type="submit" kind="primary" busy={busy} disabled={!pin}>
          {t('ask.continue')}
        </Button>
      </div>
    </form>
  );
}

function Sorry({ text, again }: { text: string; again: boolean }) {
  return (
    <section class="card" role="alert">
      <h1><Icon of={CircleAlert} size={20} /> {t('guest.refused')}</h1>
      <p>{text}</p>
      <div class="card-foot">
        <Button onClick={forgetGuest}>{t('guest.byId')}</Button>
        {again && (
          <Button kind="primary" icon={RotateCw}
            onClick={() => void openGuest()}>{t('end.again')}</Button>)}
      </div>
    </section>
  );
}

function Refused({ why }: { why: Refusal }) {
  return <Sorry text={refusal(why)} again={why === 'too_frequent'} />;
}

const Centre = ({ children }: { children: ComponentChildren }) =>
  <main class="center">{children}</main>;

export function GuestPage() {
  const g = guest.value;
  useEffect(() => {
    // Back from a session: what is left of the link may have changed.
    if (guest.peek()?.is === 'open')
      void openGuest();
  }, []);
  switch (g?.is) {
    case 'open': return <Opened of={g.of} />;
    case 'pin': return <Centre><Pin error={g.error} /></Centre>;
    case 'refused': return <Centre><Refused why={g.why} /></Centre>;
    case 'failed': return <Centre><Sorry text={g.text} again /></Centre>;
    default:
      return (
        <Centre>
          <p class="wait"><Icon of={LoaderCircle} size={20} />
            {' '}{t('main.loading')}</p>
        </Centre>
      );
  }
}
