// The bar at the edge of the picture. It slides away when nobody needs it
// and leaves a handle; Ctrl+Alt+Shift+Escape brings the keyboard to it.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import {
  Activity, Clipboard, GripHorizontal, Keyboard, LogOut, Maximize,
  MessageSquare, Monitor, Settings2, Volume2, VolumeX, Ellipsis,
} from 'lucide';

import { IconButton } from '../ui/controls';
import { number } from '../ui/format';
import { Icon } from '../ui/icon';
import { Menu } from '../ui/menu';
import { SendText } from './dialogs';
import type { Panel } from './desktop';
import {
  clipboardItems, displayItems, keyboardItems, moreItems, pictureItems,
} from './menus';
import { closeUse } from './open';
import type { Use } from './open';
import type { Prefs } from './profile';
import type { Remote } from './remote';
import { Switcher } from './switcher';
import { t } from './texts';

const FIRST_MS = 4000;
const LEAVE_MS = 2000;

export interface ToolbarProps {
  remote: Remote;
  use: Use;
  prefs: Prefs;
  change: (p: Partial<Prefs>) => void;
  panel: Panel;
  setPanel: (p: Panel) => void;
  stage: RefObject<HTMLDivElement | null>;
  keys: RefObject<HTMLTextAreaElement | null>;
  canvas: HTMLCanvasElement | undefined;
}

// True while the bar is to be seen.
function useShown(pinned: boolean) {
  const [shown, setShown] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hideIn = (ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(false), ms);
  };
  useEffect(() => {
    hideIn(FIRST_MS);
    return () => clearTimeout(timer.current);
  }, []);
  return {
    shown: shown || pinned,
    enter: () => { clearTimeout(timer.current); setShown(true); },
    leave: () => hideIn(LEAVE_MS),
    toggle: () => setShown(!shown),
  };
}

function State({ remote, open, toggle }: {
  remote: Remote; open: boolean; toggle: () => void;
}) {
  const s = remote.stats.value;
  const trip = s?.roundTrip ? `${number(Math.round(s.roundTrip))} ms` : '–';
  return (
    <button type="button" class="button quiet figure-button"
      aria-pressed={open} title={t('details.title')} onClick={toggle}>
      <Icon of={Activity} />
      <span>{t(`details.${remote.way.value}`)} · {trip}</span>
    </button>
  );
}

export function Toolbar(props: ToolbarProps) {
  const { remote, use, prefs, panel, setPanel } = props;
  const [text, setText] = useState(false);
  const { shown, enter, leave, toggle } = useShown(prefs.pinned);
  const muted = remote.view.value.muted;
  const flip = (p: Panel) => setPanel(panel === p ? undefined : p);
  const desktop = use === 'desktop';
  const full = () => void (document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen().then(lockKeyboard)
      .catch(() => undefined));
  return (
    <div class={`toolbar-place ${prefs.edge}${shown ? ' shown' : ''}`}>
      <div class="toolbar" role="toolbar" aria-label={t('toolbar.title')}
        onPointerEnter={enter} onPointerLeave={leave}>
        <Menu label={t('toolbar.display')} icon={Monitor}
          items={displayItems(props)} />
        <Menu label={t('toolbar.picture')} icon={Settings2}
          items={pictureItems(props)} />
        {desktop && (
          <Menu label={t('toolbar.keyboard')} icon={Keyboard}
            items={keyboardItems(props, () => setText(true))} />
        )}
        {desktop && remote.permissions.value.clipboard && (
          <span class={remote.copied.value ? 'has-news' : ''}>
            <Menu label={t('toolbar.clipboard')} icon={Clipboard}
              items={clipboardItems(remote)} />
          </span>
        )}
        <i class="rule" />
        <Switcher use={use} compact />
        <span class={remote.unread.value ? 'has-news' : ''}>
          <IconButton icon={MessageSquare} label={remote.unread.value
            ? t('toolbar.chatNew', { n: remote.unread.value })
            : t('chat.title')} aria-pressed={panel === 'chat'}
          onClick={() => flip('chat')} />
        </span>
        <i class="rule" />
        {remote.permissions.value.audio && (
          <IconButton icon={muted ? VolumeX : Volume2}
            label={t(muted ? 'toolbar.unmute' : 'toolbar.mute')}
            aria-pressed={!muted}
            onClick={() => remote.setView({ muted: !muted })} />
        )}
        {document.fullscreenEnabled && (
          <IconButton icon={Maximize} label={t('toolbar.full')}
            onClick={full} />
        )}
        <Menu label={t('toolbar.more')} icon={Ellipsis} items={moreItems(props)} />
        <State remote={remote} open={panel === 'details'}
          toggle={() => flip('details')} />
        <IconButton icon={LogOut} label={t('toolbar.end')}
          onClick={() => closeUse(use)} />
      </div>
      <button type="button" class="handle" aria-label={t('toolbar.handle')}
        aria-expanded={shown} onClick={toggle} onPointerEnter={enter}
        onPointerLeave={leave}>
        <Icon of={GripHorizontal} />
      </button>
      {text && <SendText remote={remote} close={() => setText(false)} />}
    </div>
  );
}

// In full screen some browsers give the page the system's combinations too.
function lockKeyboard(): void {
  const keyboard = (navigator as { keyboard?: { lock?(): Promise<void> } })
    .keyboard;
  void keyboard?.lock?.().catch(() => undefined);
}
