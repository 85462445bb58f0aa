// The stage of a browser test: scene.py with its servers and its device, and
// a page of the client in Debian's Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { inflateSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { decodeMessage } from '../../../services/web/protocol/message.js';
import type { PeerMessage } from '../../../services/web/protocol/message.js';

const ROOT = process.env['ROOT'] ?? '';
const SHOTS = process.env['SHOTS'] ?? '';
const WAIT = 30_000;
const KIND: Readonly<Record<number, keyof PeerMessage>> = {
  10: 'mouseEvent', 15: 'keyEvent', 16: 'clipboard', 19: 'misc',
  28: 'multiClipboards', 29: 'screenshotRequest',
};

export interface Event {
  readonly event: string;
  readonly [name: string]: unknown;
}

export async function until<T>(what: string, get: () => T | undefined | false
| Promise<T | undefined | false>, wait = WAIT): Promise<T> {
  const end = Date.now() + wait;
  for (;;) {
    const value = await get();
    if (value !== undefined && value !== false)
      return value;
    assert.ok(Date.now() < end, `not within ${wait} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export class Stage {
  readonly events: Event[] = [];
  url = '';
  id = '';
  service = 0;          // port of the web service behind the device
  private constructor(private readonly scene: ChildProcess,
    private readonly browser: Browser) {}

  static async open(): Promise<Stage> {
    const scene = spawn('/usr/bin/python3', [
      `${ROOT}/tests/web/client/scene.py`, process.env['BIN'] ?? '',
      `${ROOT}/services/web/dist`,
    ], { stdio: ['pipe', 'pipe', 'inherit'] });
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required',
        '--use-fake-device-for-media-stream', '--ignore-certificate-errors',
        // Direct connections stay on loopback.
        '--allow-loopback-in-peer-connection',
        '--disable-features=WebRtcHideLocalIpsWithMdns'],
    });
    const stage = new Stage(scene, browser);
    createInterface({ input: scene.stdout! }).on('line', (line) =>
      stage.events.push(JSON.parse(line) as Event));
    const ready = await stage.event('ready');
    stage.url = String(ready['url']);
    stage.id = String(ready['id']);
    stage.service = Number(ready['service']);
    return stage;
  }

  async close(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((done) => this.scene.once('exit', done));
    this.scene.stdin!.end();
    await ended;
  }

  event(name: string, from = 0, fits: (e: Event) => boolean = () => true,
    wait = WAIT): Promise<Event> {
    return until(`event ${name}`, () => this.events.slice(from)
      .find((e) => e.event === name && fits(e)), wait);
  }

  private async tell(command: object, wait = WAIT): Promise<void> {
    const from = this.events.length;
    this.scene.stdin!.write(JSON.stringify(command) + '\n');
    await this.event('done', from, undefined, wait);
  }

  script(set: object): Promise<void> {
    return this.tell({ do: 'script', set });
  }

  // Makes a codec's pictures before they are wanted.
  encode(codec: string): Promise<void> {
    return this.tell({ do: 'encode', codec }, 10 * WAIT);
  }

  // A file of the device; one without a size goes.
  file(name: string, size: number): Promise<void> {
    return this.tell({ do: 'file', name, size });
  }

  // The browser's, by their numbers.
  async processes(): Promise<number[]> {
    const cdp = await this.browser.newBrowserCDPSession();
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    await cdp.detach();
    return processInfo.map((p) => p.id);
  }

  cut(): Promise<void> {
    return this.tell({ do: 'cut' });
  }

  send(kind: number, data: string): Promise<void> {
    return this.tell({ do: 'send', kind, data });
  }

  // Messages of the controller since FROM, decoded.
  messages(from = 0): PeerMessage[] {
    return this.events.slice(from).filter((e) => e.event === 'message'
      && KIND[Number(e['kind'])]).map((e) => {
      const data = Buffer.from(String(e['data']), 'hex');
      const tag = Number(e['kind']) << 3 | 2;
      const head: number[] = [];
      for (let n = tag; ; n >>>= 7) {
        head.push(n > 127 ? n & 127 | 128 : n);
        if (n <= 127)
          break;
      }
      for (let n = data.length; ; n >>>= 7) {
        head.push(n > 127 ? n & 127 | 128 : n);
        if (n <= 127)
          break;
      }
      return decodeMessage(new Uint8Array([...head, ...data]));
    });
  }

  // PREPARE sees the page before it is opened.
  async page(options: BrowserContextOptions = {}, hash = '',
    prepare: (page: Page) => Promise<void> = async () => undefined):
  Promise<View> {
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    const view = new View(page);
    await prepare(page);
    await page.goto(this.url + hash, { waitUntil: 'commit' });
    await page.locator('#id').or(page.locator('.workspace')).first()
      .waitFor();
    return view;
  }
}

const require = createRequire(import.meta.url);

export class View {
  readonly faults: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (m) => {
      if (m.type() === 'error' && !/status of 401/.test(m.text()))
        this.faults.push(m.text());
    });
    page.on('pageerror', (e) => this.faults.push(String(e)));
  }

  async shot(name: string): Promise<void> {
    if (SHOTS)
      await this.page.screenshot({ path: `${SHOTS}/${name}.png` });
  }

  // Axe finds nothing to complain about.
  async accessible(what: string): Promise<void> {
    const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    // The page's policy forbids eval; the driver's own world does not.
    const result = await this.page.evaluate(`${source};
      axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa',
        'wcag21a', 'wcag21aa', 'wcag22aa'] })`) as
      { violations: { id: string; nodes: { html: string;
        failureSummary: string }[] }[] };
    assert.deepEqual(result.violations.map((v) => [v.id,
      v.nodes[0]?.html, v.nodes[0]?.failureSummary]), [], what);
  }

  // An error in the browser's log fails the test.
  async close(): Promise<void> {
    assert.deepEqual(this.faults, []);
    await this.page.context().close();
  }

  async pixel(fx: number, fy: number): Promise<number[]> {
    const box = await this.page.locator('canvas.screen').boundingBox();
    assert.ok(box);
    const scale = Math.min(box.width / 640, box.height / 480);
    const x = box.x + (box.width - 640 * scale) / 2 + fx * 640 * scale;
    const y = box.y + (box.height - 480 * scale) / 2 + fy * 480 * scale;
    const png = await this.page.screenshot({
      clip: { x: Math.round(x), y: Math.round(y), width: 1, height: 1 },
    });
    return onePixel(png);
  }
}

// The colour of a PNG of one pixel: behind its header the data has a filter
// byte, which has no effect on the first pixel.
function onePixel(png: Buffer): number[] {
  const data: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + size));
    at += size + 12;
  }
  return [...inflateSync(Buffer.concat(data)).subarray(1, 4)];
}
