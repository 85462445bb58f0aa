// The picture of a device, with everything that can be done around it.
import { useEffect, useRef, useState } from 'preact/hooks';

import { deviceId } from '../ui/format';
import { say } from '../ui/toast';
import { CallBar } from './call';
import { syncOnFocus, writeClipboard } from './clipboard';
import { Chat } from './chat';
import { Details } from './details';
import { Elevation, MessageBox } from './dialogs';
import { Input } from './input';
import type { Use } from './open';
import { Phases } from './phases';
import { savedPrefs, savePrefs } from './profile';
import type { Prefs } from './profile';
import { save } from './save';
import type { Remote } from './remote';
import { reason, t } from './texts';
import { Toolbar } from './toolbar';

const MAX_ZOOM = 8;

interface Zoom { scale: number; x: number; y: number }
const NO_ZOOM: Zoom = { scale: 1, x: 0, y: 0 };

function zoomed(z: Zoom, factor: number, x: number, y: number, stage: DOMRect):
Zoom {
  const scale = Math.max(1, Math.min(MAX_ZOOM, z.scale * factor));
  if (scale === 1)
    return NO_ZOOM;
  const by = scale / z.scale;
  const cx = x - stage.left - stage.width / 2;
  const cy = y - stage.top - stage.height / 2;
  return { scale, x: cx - (cx - z.x) * by, y: cy - (cy - z.y) * by };
}

// What the device sends without being asked, said or done.
function useNews(remote: Remote): void {
  const copied = remote.copied.value;
  useEffect(() => {
    if (copied)
      void writeClipboard(copied).then((done) => {
        if (done)
          remote.copied.value = undefined;
      });
  }, [copied]);
  const warning = remote.warning.value;
  useEffect(() => {
    if (warning)
      say(reason(warning, deviceId(remote.shared.id)), { tone: 'bad' });
  }, [warning]);
  const privacy = remote.privacy.value;
  useEffect(() => {
    if (privacy)
      say(t(`privacy.${privacy}`), {
        tone: privacy === 'on' || privacy === 'off' ? 'good' : 'bad',
      });
  }, [privacy]);
  const blocked = remote.blocked.value;
  useEffect(() => {
    if (blocked)
      say(t(`blocked.${blocked}`), {
        tone: blocked === 'on' || blocked === 'off' ? 'good' : 'bad',
      });
  }, [blocked]);
  useEffect(() => {
    remote.onScreenshot = (png, error) => error
      ? say(error, { tone: 'bad' })
      : save(new Blob([new Uint8Array(png)], { type: 'image/png' }),
        `${remote.peer.value?.hostname ?? 'device'}.png`);
    const focus = () => void syncOnFocus(remote);
    addEventListener('focus', focus);
    return () => removeEventListener('focus', focus);
  }, [remote]);
}

function Pointer({ remote, canvas }: {
  remote: Remote; canvas: HTMLCanvasElement | undefined;
}) {
  const pointer = remote.pointer.value;
  const cursor = remote.cursor.value;
  const coarse = matchMedia('(pointer: coarse)').matches;
  if (!pointer || !cursor || !canvas || (!coarse && !pointer.remote))
    return null;
  const r = canvas.getBoundingClientRect();
  const stage = canvas.parentElement?.getBoundingClientRect();
  const { width, height } = remote.size.value;
  const scale = Math.min(r.width / width, r.height / height);
  const x = r.left - (stage?.left ?? 0) + (r.width - width * scale) / 2
    + pointer.at.fx * width * scale - cursor.hotX;
  const y = r.top - (stage?.top ?? 0) + (r.height - height * scale) / 2
    + pointer.at.fy * height * scale - cursor.hotY;
  return <img class="remote-pointer" src={cursor.url} alt=""
    ref={(e) => { if (e) e.style.translate = `${x}px ${y}px`; }} />;
}

export type Panel = 'chat' | 'details' | undefined;

export function Desktop({ remote, use, hidden }: {
  remote: Remote; use: Use; hidden: boolean;
}) {
  const stage = useRef<HTMLDivElement>(null);
  const keys = useRef<HTMLTextAreaElement>(null);
  const [canvas, setCanvas] = useState<HTMLCanvasElement>();
  const [prefs, setPrefs] = useState<Prefs>(savedPrefs());
  const [panel, setPanel] = useState<Panel>();
  const [zoom, setZoom] = useState(NO_ZOOM);
  const latest = useRef(prefs);
  latest.current = prefs;
  useNews(remote);

  const name = remote.peer.value?.hostname || deviceId(remote.shared.id);
  const phase = remote.phase.value.phase;
  useEffect(() => {
    if (!stage.current || !keys.current)
      return undefined;
    const element = remote.attach(stage.current, '');
    setCanvas(element);
    const input = new Input({
      stage: stage.current, canvas: element, keys: keys.current, remote,
      touchMode: () => latest.current.touch,
      letterbox: () => latest.current.scale !== 'stretch',
      zoom: (f, x, y) => setZoom((z) =>
        zoomed(z, f, x, y, stage.current!.getBoundingClientRect())),
      escape: () => document.querySelector<HTMLElement>(
        '.toolbar button')?.focus(),
    });
    return () => input.detach();
  }, [remote]);
  useEffect(() => {
    canvas?.setAttribute('aria-label', t('desktop.picture', { name }));
  }, [canvas, name]);
  useEffect(() => {
    if (phase === 'live' && !hidden)
      keys.current?.focus({ preventScroll: true });
  }, [phase, hidden]);

  const cursor = remote.cursor.value;
  const { width, height } = remote.size.value;
  useEffect(() => {
    if (!stage.current || !canvas)
      return;
    stage.current.style.cursor = remote.view.value.viewOnly || !cursor
      ? 'default' : `url(${cursor.url}) ${cursor.hotX} ${cursor.hotY}, default`;
    const one = prefs.scale === 'one';
    canvas.style.width = one ? `${width / devicePixelRatio}px` : '';
    canvas.style.height = one ? `${height / devicePixelRatio}px` : '';
    canvas.style.transform = zoom.scale === 1 ? ''
      : `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
  }, [canvas, cursor, prefs, width, height, zoom, remote.view.value]);

  const change = (p: Partial<Prefs>) => {
    const next = { ...prefs, ...p };
    setPrefs(next);
    savePrefs(next);
  };
  return (
    <div class={`desktop ${phase}`} hidden={hidden}>
      <div ref={stage} class={`stage ${prefs.scale}`}>
        <textarea ref={keys} class="keys" aria-label={t('desktop.keys')}
          autoCapitalize="off" autoComplete="off" spellcheck={false} />
        <Pointer remote={remote} canvas={canvas} />
      </div>
      {phase === 'live' && (
        <Toolbar remote={remote} use={use} prefs={prefs} change={change}
          panel={panel} setPanel={setPanel} stage={stage} keys={keys}
          canvas={canvas} />
      )}
      {panel === 'chat'
        && <Chat remote={remote} close={() => setPanel(undefined)} />}
      {panel === 'details'
        && <Details remote={remote} close={() => setPanel(undefined)} />}
      <CallBar remote={remote} />
      <Elevation remote={remote} />
      <MessageBox remote={remote} />
      <Phases remote={remote} use={use} />
    </div>
  );
}
