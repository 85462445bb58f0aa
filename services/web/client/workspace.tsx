// The open device: each use is a view of its own; only one is seen.
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';

import { Questions } from '../ui/dialog';
import { deviceId } from '../ui/format';
import { fail } from '../ui/toast';
import type { Use, Workspaces } from './open';
import type { Remote } from './remote';
import { t } from './texts';

export interface ViewProps {
  remote: Remote;
  use: Use;
  hidden: boolean;
}

type View = ComponentType<ViewProps>;

// Loaded when it is opened for the first time.
const desktop = async () => (await import('./desktop')).Desktop;
const LATER: Readonly<Record<Use, () => Promise<View>>> = {
  desktop, camera: desktop,
  files: async () => (await import('./files/files')).Files,
  terminal: async () => (await import('./terminal/terminals')).TerminalView,
  tunnel: async () => (await import('./tunnel/tunnel')).TunnelView,
};

// A part of an older version is gone after an update: the page is loaded
// once more, and comes back to the device by its address.
async function orReload<T>(load: () => Promise<T>): Promise<T> {
  try {
    const part = await load();
    sessionStorage.removeItem('web.reloaded');
    return part;
  } catch (e) {
    if (sessionStorage.getItem('web.reloaded') === null) {
      sessionStorage.setItem('web.reloaded', '1');
      location.reload();
    }
    throw e;
  }
}

function Later({ load, ...props }: ViewProps & { load: () => Promise<View> }) {
  const [view, setView] = useState<{ of: View }>();
  useEffect(() => {
    orReload(load).then((of) => setView({ of })).catch(fail);
  }, [load]);
  return view ? <view.of {...props} /> : null;
}

export function Workspace({ of }: { of: Workspaces }) {
  const { shared, remotes, active } = of;
  const name = [...remotes.values()].map((r) => r.peer.value?.hostname)
    .find((n) => n) ?? deviceId(shared.id);
  useEffect(() => {
    document.title = name;
    return () => { document.title = t('main.title'); };
  }, [name]);
  return (
    <main class="workspace">
      {[...remotes].map(([use, remote]) => {
        const props = { remote, use, hidden: use !== active };
        return <Later key={use} load={LATER[use]} {...props} />;
      })}
      <Questions />
    </main>
  );
}
