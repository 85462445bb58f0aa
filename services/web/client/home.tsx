// Before a session: one field for the id, and below it devices to choose from.
import { LogIn, Monitor } from 'lucide';
import { useEffect, useState } from 'preact/hooks';

import { Button, useFocus } from '../ui/controls';
import { Icon } from '../ui/icon';
import { USE_ICON } from './icons';
import { Lists, typed } from './lists';
import { cleanId, openDevice } from './open';
import type { Use } from './open';
import { config, me } from './server';
import { t } from './texts';

function Account() {
  const user = me.value;
  return user
    ? <a class="button quiet" href="/">{user.display_name || user.name}</a>
    : <a class="button quiet" href="/"><Icon of={LogIn} />
      <span>{t('home.signIn')}</span></a>;
}

function ConnectForm() {
  const id = typed.value;
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
            onInput={(e) => {
              typed.value = e.currentTarget.value;
              setError('');
            }} />
          <Button type="submit" kind="primary" icon={Monitor}>
            {t('home.connect')}
          </Button>
        </div>
        <p id="id-help" class={error ? 'error' : 'help'} aria-live="polite">
          {error || t('home.idHelp')}
        </p>
      </div>
      <div class="connect-uses">
        {(['files', 'terminal', 'tunnel', 'camera'] as const).map((use) => (
          <Button key={use} icon={USE_ICON[use]} onClick={() => open(use)}>
            {t(`use.${use}`)}
          </Button>
        ))}
      </div>
    </form>
  );
}

export function Top() {
  return (
    <header class="home-top">
      <img src="icon.svg" alt="" width="28" height="28" />
      <strong>{config.value?.name || t('main.title')}</strong>
      <span class="grow" />
      <Account />
    </header>
  );
}

export function Home() {
  useEffect(() => () => { typed.value = ''; }, []);
  return (
    <div class="home">
      <Top />
      <main class="home-main">
        <section class="home-connect">
          <h1>{t('home.title')}</h1>
          <ConnectForm />
        </section>
        <Lists />
      </main>
    </div>
  );
}
