// Shells of the device in tabs. They live on at the device when the
// connection is lost, and are found again.
import { useEffect, useRef, useState } from 'preact/hooks';
import { LogOut, Plus, X } from 'lucide';

import { IconButton } from '../../ui/controls';
import { deviceId } from '../../ui/format';
import { say } from '../../ui/toast';
import type { FromWorker } from '../messages';
import { closeUse } from '../open';
import { Phases } from '../phases';
import type { Remote } from '../remote';
import { Switcher } from '../switcher';
import { t } from '../texts';
import type { ViewProps } from '../workspace';
import { DARK, LIGHT } from './frames';
import type { FromFrame, ToFrame } from './frames';

interface Tab {
  readonly id: number;
  readonly exit: number | undefined;
}

// One terminal's frame; what comes before it is ready waits.
class Frame {
  element: HTMLIFrameElement | undefined;
  private waiting: ToFrame[] | undefined = [];

  constructor(readonly id: number, private readonly remote: Remote) {}

  send(m: ToFrame): void {
    if (this.waiting)
      this.waiting.push(m);
    else
      this.element?.contentWindow?.postMessage(m, location.origin);
  }

  heard(m: FromFrame): void {
    const { id, remote } = this;
    switch (m.say) {
      case 'ready': {
        const waiting = this.waiting ?? [];
        this.waiting = undefined;
        waiting.forEach((w) => this.send(w));
        remote.tell({ do: 'terminal-open', id, rows: m.rows, cols: m.cols });
        break;
      }
      case 'size':
        remote.tell({ do: 'terminal-resize', id, rows: m.rows, cols: m.cols });
        break;
      case 'input':
        remote.tell({ do: 'terminal-input', id, data: m.data });
        break;
      case 'written': break;
    }
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => document.documentElement.dataset['theme'] === 'dark';

class Terminals {
  readonly frames = new Map<number, Frame>();

  constructor(readonly remote: Remote,
    private readonly change: (run: (tabs: readonly Tab[]) => Tab[]) => void) {}

  frame(id: number): Frame {
    let frame = this.frames.get(id);
    if (!frame) {
      frame = new Frame(id, this.remote);
      this.frames.set(id, frame);
      frame.send({ do: 'theme', theme: isDark() ? DARK : LIGHT });
      frame.send({ do: 'label', text: t('terminal.label', { n: id }) });
    }
    return frame;
  }

  add(id: number): void {
    this.change((tabs) => tabs.some((x) => x.id === id) ? [...tabs]
      : [...tabs, { id, exit: undefined }]);
  }

  heard(m: FromWorker): void {
    switch (m.say) {
      case 'terminal-opened':
        this.frame(m.id).send({ do: 'replay', on: m.replay });
        m.others.forEach((id) => this.add(id));
        break;
      case 'terminal-output':
        this.frame(m.id).send({ do: 'output', data: m.data });
        this.frame(m.id).send({ do: 'replay', on: false });
        break;
      case 'terminal-closed':
        this.change((tabs) => tabs.map((x) =>
          x.id === m.id ? { ...x, exit: m.exitCode } : x));
        break;
      case 'terminal-failed':
        say(m.text || t('terminal.failed'), { tone: 'bad' });
        break;
      default: break;
    }
  }

  close(id: number): void {
    this.remote.tell({ do: 'terminal-close', id });
    this.frames.delete(id);
    this.change((tabs) => tabs.filter((x) => x.id !== id));
  }

  // The connection stands again: each shell is asked for by its number.
  again(): void {
    for (const { element } of this.frames.values())
      element?.contentWindow?.location.reload();
  }
}

function Panes({ terminals, tabs, active }: {
  terminals: Terminals; tabs: readonly Tab[]; active: number;
}) {
  return (
    <>
      {tabs.map(({ id }) => (
        <iframe key={id} class="terminal-frame" src="terminal.html"
          title={t('terminal.label', { n: id })} hidden={id !== active}
          ref={(e) => { terminals.frame(id).element = e ?? undefined; }} />
      ))}
    </>
  );
}

export function TerminalView({ remote, use, hidden }: ViewProps) {
  const [tabs, setTabs] = useState<readonly Tab[]>([]);
  const [active, setActive] = useState(1);
  const made = useRef<Terminals | undefined>(undefined);
  made.current ??= new Terminals(remote, (run) => setTabs((x) => run(x)));
  const terminals = made.current;
  const phase = remote.phase.value.phase;
  const live = phase === 'live';
  const been = useRef(false);

  useEffect(() => {
    remote.onOther = (m) => terminals.heard(m);
    const message = (e: MessageEvent<FromFrame>) => {
      const frame = [...terminals.frames.values()].find((f) =>
        f.element?.contentWindow === e.source);
      if (frame && e.origin === location.origin)
        frame.heard(e.data);
    };
    const theme = () => setTimeout(() => terminals.frames.forEach((f) =>
      f.send({ do: 'theme', theme: isDark() ? DARK : LIGHT })), 50);
    addEventListener('message', message);
    dark.addEventListener('change', theme);
    return () => {
      removeEventListener('message', message);
      dark.removeEventListener('change', theme);
    };
  }, [remote]);
  useEffect(() => {
    if (!live)
      return;
    if (been.current)
      terminals.again();
    else
      terminals.add(1);
    been.current = true;
  }, [live]);
  useEffect(() => {
    if (live && !hidden)
      terminals.frames.get(active)?.send({ do: 'focus' });
  }, [active, live, hidden, tabs]);

  const add = () => {
    const id = Math.max(0, ...tabs.map((x) => x.id)) + 1;
    terminals.add(id);
    setActive(id);
  };
  const close = (id: number) => {
    terminals.close(id);
    const left = tabs.filter((x) => x.id !== id);
    if (left[0] === undefined)
      closeUse(use);
    else if (id === active)
      setActive(left[0].id);
  };
  const name = remote.peer.value?.hostname ?? deviceId(remote.shared.id);
  return (
    <div class="view terminal" hidden={hidden}>
      <header class="view-top">
        <strong class="view-name">{name}</strong>
        <Switcher use={use} />
        <span class="grow" />
        <IconButton icon={LogOut} label={t('toolbar.end')}
          onClick={() => closeUse(use)} />
      </header>
      <div class="tab-row">
        <div role="tablist" aria-label={t('terminal.tabs')}>
          {tabs.map(({ id, exit }) => (
            <span key={id} class="tab" role="presentation">
              <button type="button" role="tab" aria-selected={id === active}
                onClick={() => setActive(id)}>
                {t('terminal.tab', { n: id })}
                {exit !== undefined
                  && <span class="muted"> · {t('terminal.exit', { n: exit })}
                  </span>}
              </button>
            </span>
          ))}
        </div>
        {tabs.length > 0 && (
          <IconButton small icon={X} onClick={() => close(active)}
            label={t('terminal.close', { n: active })} />
        )}
        <IconButton small icon={Plus} label={t('terminal.add')}
          onClick={add} />
      </div>
      <div class="terminal-body">
        <Panes terminals={terminals} tabs={tabs} active={active} />
      </div>
      <Phases remote={remote} use={use} />
    </div>
  );
}
