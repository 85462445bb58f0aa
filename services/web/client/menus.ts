// What the menus of the toolbar hold, from what the device can and permits.
import { Camera, Circle, ClipboardPaste, Copy, Lock, MonitorOff, Phone, Pin,
  Power, RefreshCw, Type, Zap } from 'lucide';

import type { Item, Items } from '../ui/menu';
import { ask } from '../ui/dialog';
import { say } from '../ui/toast';
import type { Quality } from '../protocol/controls';
import type { ControlKey } from '../protocol/keys';
import type { Codec } from '../protocol/video';
import { ring } from './call';
import { readClipboard, writeClipboard } from './clipboard';
import { Recorder } from './recorder';
import type { Remote } from './remote';
import { t } from './texts';
import type { ToolbarProps } from './toolbar';
import { isMac } from './input';

const many = (list: readonly number[]) => list.length > 1;
const SIZES = 12;               // resolutions in the menu

function resolutions(remote: Remote): Item[] {
  const [only] = remote.shown.value;
  const display = only === undefined ? undefined : remote.displays.value[only];
  if (only === undefined || !display || many(remote.shown.value))
    return [];
  return display.resolutions.slice(0, SIZES).map(({ width, height }) => ({
    label: `${width} × ${height}`,
    checked: width === display.width && height === display.height,
    run: () => remote.tell({ do: 'resolution', display: only, width, height }),
  }));
}

export function displayItems({ remote, prefs, change }: ToolbarProps): Items {
  const displays = remote.displays.value;
  const shown = remote.shown.value;
  const all = displays.map((_, i) => i);
  const peer = remote.peer.value;
  const sizes = resolutions(remote);
  return [
    ...displays.map((d, i) => ({
      label: t('display.one', { n: i + 1 }),
      hint: `${d.width} × ${d.height}`,
      checked: shown.length === 1 && shown[0] === i,
      run: () => remote.tell({ do: 'show', displays: [i] }),
    })),
    displays.length > 1 && peer?.multiDisplay && {
      label: t('display.all'), checked: shown.length > 1,
      run: () => remote.tell({ do: 'show', displays: all }),
    },
    displays.length > 1 && {
      label: t('display.follow'), checked: remote.view.value.follow,
      run: () => remote.setView({ follow: !remote.view.value.follow }),
    },
    'line',
    ...(['fit', 'one', 'stretch'] as const).map((scale) => ({
      label: t(`scale.${scale}`), checked: prefs.scale === scale,
      run: () => change({ scale }),
    })),
    sizes.length > 0 && 'line',
    ...sizes,
    peer?.virtualDisplays === 'rustdesk' && 'line',
    ...(peer?.virtualDisplays === 'rustdesk' ? [1, 2, 3, 4] : [])
      .flatMap((n): Item[] => [{
        label: t('display.virtualOn', { n }),
        run: () => remote.tell({ do: 'virtual', display: n, on: true }),
      }, {
        label: t('display.virtualOff', { n }),
        run: () => remote.tell({ do: 'virtual', display: n, on: false }),
      }]),
  ];
}

const CODEC_NAME: Readonly<Record<Codec, string>> = {
  vp8: 'VP8', vp9: 'VP9', av1: 'AV1', h264: 'H.264', h265: 'H.265',
};

export function pictureItems({ remote }: ToolbarProps): Items {
  const view = remote.view.value;
  return [
    ...(['best', 'balanced', 'low'] as const).map((quality: Quality) => ({
      label: t(`quality.${quality}`), checked: view.quality === quality,
      run: () => remote.setView({ quality }),
    })),
    'line',
    ...[15, 30, 60].map((fps) => ({
      label: t('picture.fps', { n: fps }), checked: view.fps === fps,
      run: () => remote.setView({ fps }),
    })),
    'line',
    { label: t('picture.auto'), checked: view.codec === 'auto',
      run: () => remote.setView({ codec: 'auto' }) },
    ...remote.codecs.value.map((codec) => ({
      label: CODEC_NAME[codec], checked: view.codec === codec,
      run: () => remote.setView({ codec }),
    })),
    { label: t('picture.full'), checked: view.fullColour,
      run: () => remote.setView({ fullColour: !view.fullColour }) },
    'line',
    { label: t('picture.cursor'), checked: view.showCursor,
      run: () => remote.setView({ showCursor: !view.showCursor }) },
    { label: t('picture.viewOnly'), checked: view.viewOnly,
      run: () => remote.setView({ viewOnly: !view.viewOnly }) },
    { label: t('picture.refresh'), icon: RefreshCw,
      run: () => remote.tell({ do: 'refresh' }) },
  ];
}

interface Combination {
  readonly label: string;
  readonly key: ControlKey | string;
  readonly held: readonly ControlKey[];
}

const WINDOWS: readonly Combination[] = [
  { label: 'Alt+Tab', key: 'Tab', held: ['Alt'] },
  { label: 'Alt+F4', key: 'F4', held: ['Alt'] },
  { label: 'Ctrl+Esc', key: 'Escape', held: ['Control'] },
  { label: 'Ctrl+Shift+Esc', key: 'Escape', held: ['Control', 'Shift'] },
  { label: 'Ctrl+W', key: 'w', held: ['Control'] },
  { label: 'Ctrl+T', key: 't', held: ['Control'] },
  { label: 'Win+D', key: 'd', held: ['Meta'] },
  { label: 'Win+R', key: 'r', held: ['Meta'] },
];
const MAC: readonly Combination[] = [
  { label: '⌘Tab', key: 'Tab', held: ['Meta'] },
  { label: '⌘Space', key: 'Space', held: ['Meta'] },
  { label: '⌘Q', key: 'q', held: ['Meta'] },
  { label: '⌘W', key: 'w', held: ['Meta'] },
  { label: '⌥⌘Esc', key: 'Escape', held: ['Meta', 'Alt'] },
];

export function keyboardItems(
  { remote, prefs, change, keys }: ToolbarProps, sendText: () => void,
): Items {
  const peer = remote.peer.value;
  const allowed = remote.permissions.value.keyboard
    && !remote.view.value.viewOnly;
  if (!allowed)
    return [{ label: t('keyboard.off') }];
  const touch = matchMedia('(pointer: coarse)').matches;
  const list = peer?.platform === 'Mac OS' ? MAC : WINDOWS;
  return [
    touch && { label: t('keyboard.show'),
      run: () => keys.current?.focus() },
    { label: t('keyboard.text'), icon: Type, run: sendText },
    'line',
    peer?.ctrlAltDel && { label: 'Ctrl+Alt+Del', icon: Zap,
      run: () => remote.tell({ do: 'ctrl-alt-del' }) },
    { label: t('keyboard.lock'), icon: Lock,
      run: () => remote.tell({ do: 'lock' }) },
    'line',
    ...list.map(({ label, key, held }) => ({
      label, run: () => remote.tell({ do: 'combination', key, held }),
    })),
    'line',
    { label: t('keyboard.legacy'), run: () => remote.tell(
      { do: 'key-mode', mode: 'legacy', mac: isMac }) },
    { label: t('keyboard.map'), run: () => remote.tell(
      { do: 'key-mode', mode: 'map', mac: isMac }) },
    touch && 'line',
    ...(touch ? ['touchpad', 'touch'] as const : []).map((mode) => ({
      label: t(`touch.${mode}`), checked: prefs.touch === mode,
      run: () => change({ touch: mode }),
    })),
    'line',
    { label: t('keyboard.escape') },
  ];
}

export function clipboardItems(remote: Remote): Items {
  const copied = remote.copied.value;
  const copy = async () => {
    if (copied && await writeClipboard(copied))
      remote.copied.value = undefined;
    else
      say(t('clipboard.refused'), { tone: 'bad' });
  };
  const send = async () => {
    const content = await readClipboard();
    if (content)
      remote.tell({ do: 'clipboard', content });
    else
      say(t('clipboard.denied'), { tone: 'bad' });
  };
  return [
    copied && { label: t('clipboard.copy'), icon: Copy,
      run: () => void copy() },
    { label: t('clipboard.send'), icon: ClipboardPaste,
      run: () => void send() },
    'line',
    { label: t('clipboard.help') },
  ];
}

const recorders = new WeakMap<Remote, Recorder>();

export function moreItems(
  { remote, prefs, change, canvas, stage }: ToolbarProps,
): Items {
  const peer = remote.peer.value;
  const may = remote.permissions.value;
  const blocked = remote.blocked.value === 'on';
  const [shown] = remote.shown.value;
  const recorder = recorders.get(remote);
  const record = () => {
    if (recorder?.running)
      recorder.stop();
    else if (canvas)
      recorders.set(remote, new Recorder(remote, canvas));
  };
  const restart = () => ask({
    title: t('restart.title'), text: t('restart.text'),
    action: t('restart.action'), danger: true,
    run: async () => remote.tell({ do: 'restart' }),
  });
  const control = remote.scope === 'desktop';
  return [
    may.audio && remote.call.value === 'none' && {
      label: t('more.call'), icon: Phone, run: () => ring(remote) },
    peer?.screenshot && shown !== undefined && {
      label: t('more.screenshot'), icon: Camera,
      run: () => remote.tell({ do: 'screenshot', display: shown }) },
    may.recording && Recorder.possible && {
      label: t(recorder?.running ? 'more.recordStop' : 'more.record'),
      icon: Circle, run: record },
    control && peer?.relativeMouse && { label: t('more.relative'),
      run: () => void stage.current?.requestPointerLock() },
    'line',
    control && may.blockInput && peer?.platform === 'Windows' && {
      label: t('more.block'), checked: blocked,
      run: () => remote.tell({ do: 'block-input', on: !blocked }) },
    ...(control && may.privacyMode ? peer?.privacyMethods ?? [] : [])
      .map(({ key }) => ({
        label: t('more.privacy'), icon: MonitorOff,
        checked: remote.privacy.value === 'on',
        run: () => remote.tell(
          { do: 'privacy', key, on: remote.privacy.value !== 'on' }),
      })).slice(0, 1),
    control && may.restart && { label: t('more.restart'), icon: Power,
      danger: true, run: restart },
    'line',
    { label: t('more.pin'), icon: Pin, checked: prefs.pinned,
      run: () => change({ pinned: !prefs.pinned }) },
    { label: t('more.edge'), checked: prefs.edge === 'bottom',
      run: () => change({ edge: prefs.edge === 'top' ? 'bottom' : 'top' }) },
  ];
}
