// Before a session: one field for the id; below it the devices of before and,
// signed in, those that may be reached.
import { signal } from '@preact/signals';
import { Apple, LogIn, Monitor, Smartphone, X } from 'lucide';
import type { IconNode } from 'lucide';
import { useEffect, useState } from 'preact/hooks';

import { Button, useFocus } from '../ui/controls';
import { deviceId, relative } from '../ui/format';
import { Icon } from '../ui/icon';
import { Menu } from '../ui/menu';
import { USE_ICON } from './icons';
import { cleanId, openDevice } from './open';
import type { Use } from './open';
import { forget, recents } from './profile';
import type { Recent } from './profile';
import { accessible, config, me } from './server';
import type { Device } from './server';
import { t } from './texts';

const kept = signal(recents());
const devices = signal<readonly Device[]>([]);

const platformIcon = (platform: string): IconNode =>
  platform === 'Android' ? Smartphone : platform === 'Mac OS' ? Apple
    : Monitor;

function Tile({ id, name, platform, note, onForget }: {
  id: string; name: string; platform: string; note: string;
  onForget?: () => void;
}) {
  const title = name || deviceId(id);
  return (
    <li class="tile">
      <button type="button" class="tile-open"
        onClick={() => openDevice(id, 'desktop')}>
        <span class="tile-icon"><Icon of={platformIcon(platform)} size={20} />
        </span>
        <span class="tile-text">
          <strong>{title}</strong>
          <span class="muted small">
            <span class="mono">{deviceId(id)}</span>{note && ` · ${note}`}
          </span>
        </span>
      </button>
      <Menu label={t('home.more', { name: title })} items={[
        ...(['files', 'terminal', 'camera'] as const).map((use) => ({
          label: t(`use.${use}`), icon: USE_ICON[use],
          run: () => openDevice(id, use),
        })),
        onForget && 'line',
        onForget && { label: t('home.forget'), icon: X, run: onForget },
      ]} />
    </li>
  );
}

function Recents({ list }: { list: readonly Recent[] }) {
  return (
    <section class="home-list">
      <h2>{t('home.recent')}</h2>
      <ul class="tiles">
        {list.map((r) => <Tile key={r.id} {...r}
          note={r.at ? relative(r.at) : ''}
          onForget={() => { forget(r.id); kept.value = recents(); }} />)}
      </ul>
    </section>
  );
}

function Accessible() {
  return (
    <section class="home-list">
      <h2>{t('home.devices')}</h2>
      <ul class="tiles">
        {devices.value.map((d) => <Tile key={d.id} {...d} note={d.platform} />)}
      </ul>
    </section>
  );
}

function Account() {
  const user = me.value;
  return user
    ? <a class="button quiet" href="/">{user.display_name || user.name}</a>
    : <a class="button quiet" href="/"><Icon of={LogIn} />
      <span>{t('home.signIn')}</span></a>;
}

function ConnectForm() {
  const [id, setId] = useState('');
  const [error, setError] = useState('');
  const field = useFocus<HTMLInputElement>();
  const open = (use: Use) => {
    const clean = cleanId(id);
    if (clean) {
      openDevice(clean, use);
      return;
    }
    setError(t('home.idMissing'));
    field.current?.focus();
  };
  return (
    <form class="connect" onSubmit={(e) => { e.preventDefault(); open('desktop'); }}>
      <div class="field">
        <label for="id">{t('home.id')}</label>
        <div class="connect-row">
          <input id="id" ref={field} class="mono id-field" value={id}
            placeholder={`123\u202f456\u202f789`} inputMode="text"
            autoComplete="off" autoCapitalize="off" spellcheck={false}
            enterKeyHint="go" maxLength={64}
            aria-invalid={error !== ''} aria-describedby="id-help"
            onInput={(e) => { setId(e.currentTarget.value); setError(''); }} />
          <Button type="submit" kind="primary" icon={Monitor}>
            {t('home.connect')}
          </Button>
        </div>
        <p id="id-help" class={error ? 'error' : 'help'} aria-live="polite">
          {error || t('home.idHelp')}
        </p>
      </div>
      <div class="connect-uses">
        {(['files', 'terminal', 'camera'] as const).map((use) => (
          <Button key={use} icon={USE_ICON[use]} onClick={() => open(use)}>
            {t(`use.${use}`)}
          </Button>
        ))}
      </div>
    </form>
  );
}

export function Home() {
  useEffect(() => {
    kept.value = recents();
    void accessible().then((list) => { devices.value = list; })
      .catch(() => undefined);
  }, []);
  return (
    <div class="home">
      <header class="home-top">
        <img src="icon.svg" alt="" width="28" height="28" />
        <strong>{config.value?.name || t('main.title')}</strong>
        <span class="grow" />
        <Account />
      </header>
      <main class="home-main">
        <section class="home-connect">
          <h1>{t('home.title')}</h1>
          <ConnectForm />
        </section>
        {kept.value.length > 0 && <Recents list={kept.value} />}
        {devices.value.length > 0 && <Accessible />}
        {kept.value.length === 0 && devices.value.length === 0
          && <p class="muted home-hint">{t('home.empty')}</p>}
      </main>
    </div>
  );
}
