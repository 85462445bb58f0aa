// The inside of the frame that holds one terminal. It is a page of its own
// because xterm.js makes styles while it runs, which the client's page does
// not allow; it talks with that page and nobody else.
import '@xterm/xterm/css/xterm.css';
import './frame.css';

import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { FromFrame, ToFrame } from './frames';

const SCROLLBACK = 5000;
const MIN_FONT = 8;
const MAX_FONT = 40;
const ANSWER = /^\u001b(\[[?>]?[\d;]*[cRny]|P|\])/;

const utf8 = new TextEncoder();
const tell = (m: FromFrame) => parent.postMessage(m, location.origin);

const terminal = new Terminal({
  scrollback: SCROLLBACK, cursorBlink: false, fontSize: 14,
  fontFamily: 'ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  allowProposedApi: false, screenReaderMode: false,
});
const fit = new FitAddon();
let replaying = false;

terminal.loadAddon(fit);
terminal.open(document.body);
terminal.onData((data) => {
  // A terminal answers questions in what it shows; those of old output have
  // been answered before.
  if (!(replaying && ANSWER.test(data)))
    tell({ say: 'input', data: utf8.encode(data) });
});
terminal.onBinary((data) =>
  tell({ say: 'input', data: Uint8Array.from(data, (c) => c.charCodeAt(0)) }));
terminal.onResize(({ rows, cols }) => tell({ say: 'size', rows, cols }));

function font(size: number): void {
  terminal.options.fontSize = Math.max(MIN_FONT, Math.min(MAX_FONT, size));
  fit.fit();
}

addEventListener('resize', () => fit.fit());
addEventListener('wheel', (e) => {
  if (!e.ctrlKey)
    return;
  e.preventDefault();
  font((terminal.options.fontSize ?? 14) - Math.sign(e.deltaY));
}, { passive: false, capture: true });

function handle(m: ToFrame): void {
  switch (m.do) {
    case 'output':
      terminal.write(m.data, () => tell({ say: 'written' }));
      break;
    case 'replay':
      replaying = m.on;
      break;
    case 'theme':
      terminal.options.theme = m.theme;
      document.documentElement.style.background = m.theme.background;
      break;
    case 'font': font(m.size); break;
    case 'focus': terminal.focus(); break;
    case 'label':
      document.title = m.text;
      terminal.textarea?.setAttribute('aria-label', m.text);
      break;
  }
}

addEventListener('message', (e: MessageEvent<ToFrame>) => {
  if (e.source === parent && e.origin === location.origin)
    handle(e.data);
});
fit.fit();
tell({ say: 'ready', rows: terminal.rows, cols: terminal.cols });
