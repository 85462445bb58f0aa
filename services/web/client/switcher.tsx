// From one use of the device to another: picture, files,
// terminal, tunnel, camera.
import { Button, IconButton } from '../ui/controls';
import { USE_ICON } from './icons';
import { switchTo, USES, workspace } from './open';
import type { Use } from './open';
import type { Remote } from './remote';
import { t } from './texts';

// What the device offers; before it is known, only what is open.
export function usesOf(remotes: ReadonlyMap<Use, Remote>): readonly Use[] {
  const peer = [...remotes.values()].map((r) => r.peer.value)
    .find((p) => p !== undefined);
  const offered: Readonly<Record<Use, boolean>> = {
    desktop: true, files: true, terminal: peer?.terminal ?? false,
    tunnel: peer?.portForwardMux ?? false, camera: peer?.camera ?? false,
  };
  return USES.filter((u) => offered[u] || remotes.has(u));
}

export function Switcher({ use, compact }: { use: Use; compact?: boolean }) {
  const w = workspace.value;
  if (!w)
    return null;
  const uses = usesOf(w.remotes);
  if (compact)
    return (
      <>
        {uses.filter((u) => u !== use).map((u) => (
          <span key={u} class={w.remotes.has(u) ? 'is-open' : ''}>
            <IconButton icon={USE_ICON[u]} label={t(`use.${u}`)}
              onClick={() => switchTo(u)} />
          </span>
        ))}
      </>
    );
  return (
    <nav class="switcher" aria-label={t('switcher.title')}>
      {uses.map((u) => (
        <Button key={u} kind="quiet" icon={USE_ICON[u]}
          aria-current={u === use ? 'page' : undefined}
          onClick={() => switchTo(u)}>
          {t(`use.${u}`)}
        </Button>
      ))}
    </nav>
  );
}
