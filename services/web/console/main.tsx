import './console.css';

import { render } from 'preact';

import { preferredLang, useLang } from '../ui/i18n';
import { reachable } from '../ui/http';
import { startRouter } from '../ui/router';
import { startTheme } from '../ui/theme';
import { Frame } from './frame';
import { startLive } from './live';
import { config, me, start } from './session';
import { startShortcuts } from './shortcuts';
import { Unsafe } from './unsafe';
import { SignIn } from './sign_in/sign_in';
import './texts';

const AGAIN_MS = 2000;

function App() {
  if (!config.value)
    return null;
  if (!config.value.secure)
    return <Unsafe />;
  return me.value ? <Frame /> : <SignIn />;
}

// The server may still be starting.
async function connect(): Promise<void> {
  for (;;) {
    try {
      await start();
      return;
    } catch {
      reachable.value = false;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

startTheme();
startRouter();
startShortcuts();
await Promise.all([useLang(preferredLang()), connect()]);
startLive();
render(<App />, document.body);
