// Devices to choose from, as tiles: what they are called, whether they are
// online, and what can be opened of them.
import { Apple, Monitor, Smartphone, X } from 'lucide';
import type { IconNode } from 'lucide';

import { State } from '../ui/controls';
import { deviceId } from '../ui/format';
import { Icon } from '../ui/icon';
import { Menu } from '../ui/menu';
import { USE_ICON } from './icons';
import { online } from './online';
import { cleanId, openDevice } from './open';
import type { Use } from './open';
import type { Device } from './server';
import { t } from './texts';

const SHOWN = 48;         // of one list; typing finds the others

const platformIcon = (platform: string): IconNode =>
  platform === 'Android' ? Smartphone : platform === 'Mac OS' ? Apple
    : Monitor;

// KNOWN: what was said before the ID server was asked.
export function Online({ id, known }: {
  id: string; known?: boolean | undefined;
}) {
  const is = online.value.get(id) ?? known;
  if (is === undefined)
    return null;
  return is ? <State tone="good">{t('home.online')}</State>
    : <State tone="off">{t('home.offline')}</State>;
}

const BESIDE: readonly Use[] = ['files', 'terminal', 'tunnel', 'camera'];

export function Tile(
  { id, name, platform, note, known, uses = BESIDE, onForget }: Device & {
    known?: boolean; uses?: readonly Use[];
    onForget?: (() => void) | undefined;
  },
) {
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
          <span class="small"><Online id={id} known={known} /></span>
        </span>
      </button>
      {(uses.length > 0 || onForget) && <Menu
        label={t('home.more', { name: title })} items={[
        ...uses.map((use) => ({
          label: t(`use.${use}`), icon: USE_ICON[use],
          run: () => openDevice(id, use),
        })),
        onForget && 'line',
        onForget && { label: t('home.forget'), icon: X, run: onForget },
      ]} />}
    </li>
  );
}

export interface Found {
  readonly shown: readonly Device[];
  readonly more: number;    // match too
}

// Those whose name, note or id has what was typed, as many as a page shows.
export function find(list: readonly Device[], typed: string): Found {
  const text = typed.trim().toLowerCase();
  const id = cleanId(text);
  const all = list.filter((d) => d.id.toLowerCase().includes(id)
    || `${d.name}\n${d.note}`.toLowerCase().includes(text));
  return { shown: all.slice(0, SHOWN), more: Math.max(0, all.length - SHOWN) };
}

export function Tiles({ of, onForget }: {
  of: Found; onForget?: (id: string) => void;
}) {
  return (
    <>
      <ul class="tiles">
        {of.shown.map((d) => <Tile key={d.id} {...d}
          onForget={onForget && (() => onForget(d.id))} />)}
      </ul>
      {of.more > 0 && (
        <p class="muted small">{t('home.others', { n: of.more })}</p>)}
    </>
  );
}
