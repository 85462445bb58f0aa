// Reads one case a line, plays it in Chromium and writes its figures: the
// bench's row "web". What the page and its worker do is seen from outside:
// the messages between them, and the socket's sends.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { Cipher } from '../../../services/web/protocol/cipher.js';
import { choose, javascript }
  from '../../../services/web/protocol/secretbox.js';
import { sodium } from '../../../services/web/protocol/sodium.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import { Stage, until } from '../../web/client/stage.js';
import type { View } from '../../web/client/stage.js';

type Figures = Record<string, number>;
interface Case {
  readonly case: string;
  readonly [size: string]: unknown;
}

const size = (c: Case, name: string): number => Number(c[name]);
const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const at = (list: readonly number[], part: number) =>
  sorted(list)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0;
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

interface Seen {
  stats: { fps: number; dropped: number; decoded: number; latency: number;
    decoding: number }[];
  jobs: { state: string; bytes: number; at: number }[];
  clicked: number;
  live: number;
  inputs: number[];
}
declare global {
  interface Window { seen: Seen }
}

// Runs in the page before its own scripts.
function watch(): void {
  const seen: Seen = { stats: [], jobs: [], clicked: 0, live: 0, inputs: [] };
  window.seen = seen;
  const Real = window.Worker;
  window.Worker = class extends Real {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener('message', ({ data }) => {
        if (data.say === 'stats')
          seen.stats.push(data.stats);
        else if (data.say === 'job')
          seen.jobs.push({ state: data.job.state, bytes: data.job.bytes,
            at: performance.now() });
        else if (data.say === 'step' && data.step === 'live' && !seen.live)
          seen.live = performance.now();
      });
    }
  };
  addEventListener('click', () => {
    if (!seen.live)
      seen.clicked = performance.now();
  }, true);
  addEventListener('keydown', (e) => {
    seen.inputs.push(performance.timeOrigin + e.timeStamp);
  }, true);
}

// Runs in the worker: when something was given to the socket, by its size.
function watchSocket(): void {
  const scope = self as unknown as { sends: number[] };
  scope.sends = [];
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (this: WebSocket, data) {
    scope.sends.push(performance.timeOrigin + performance.now());
    return send.call(this, data);
  };
}

async function connect(stage: Stage): Promise<View> {
  const view = await stage.page({}, '', (page) => page.addInitScript(watch));
  await view.page.getByLabel('ID of the device').fill(stage.id);
  await view.page.getByRole('button', { name: 'Connect' }).click();
  await view.page.getByRole('toolbar', { name: 'Session' }).waitFor();
  return view;
}

// --- the cases --------------------------------------------------------------

// Bytes that must be there before a session can begin, as the build counts.
function firstBytes(): number {
  const manifest = JSON.parse(readFileSync(
    join(process.env['ROOT'] ?? '', 'services/web/dist/manifest.json'),
    'utf8')) as { first: { client: number } };
  return manifest.first.client;
}

async function picture(stage: Stage, c: Case): Promise<Figures> {
  const took: number[] = [];
  for (let n = 0; n < size(c, 'times'); n++) {
    const view = await connect(stage);
    took.push(await view.page.evaluate(
      () => window.seen.live - window.seen.clicked));
    await view.page.context().close();
  }
  return {
    'kB before the session, gzip': firstBytes() / 1000,
    'click to picture p50, ms': at(took, 0.5),
    'slowest, ms': Math.max(...took),
  };
}

async function threadTime(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((m) => m.name === 'ThreadTime')?.value ?? 0;
}

async function resident(stage: Stage): Promise<number> {
  const pids = await stage.processes();
  return sum(pids.map((pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
        * 4096;
    } catch {
      return 0;                 // it has just ended
    }
  }));
}

// Keys of the user while the video runs: each is one record.
async function press(page: Page, keys: number): Promise<number[]> {
  const worker = page.workers()[0];
  if (!worker)
    throw new Error('there is no worker');
  await worker.evaluate(watchSocket);
  await page.locator('textarea.keys').focus();
  for (let n = 0; n < keys; n++) {
    await page.keyboard.press('a');
    await wait(10);
  }
  const inputs = await page.evaluate(() => window.seen.inputs);
  const sends = await worker.evaluate(() =>
    (self as unknown as { sends: number[] }).sends);
  let next = 0;
  return inputs.flatMap((input) => {
    while ((sends[next] ?? Infinity) < input)
      next += 1;
    const send = sends[next];
    return send === undefined ? [] : [send - input];
  });
}

async function large(stage: Stage, fps: number): Promise<View> {
  await stage.encode('vp9-1080');
  await stage.script({ codec: 'vp9-1080', fps,
    displays: [[0, 0, 1920, 1080]] });
  return connect(stage);
}

const small = (stage: Stage) => stage.script({ codec: 'vp9', fps: 15,
  displays: [[0, 0, 640, 480]] });

async function video(stage: Stage, c: Case): Promise<Figures> {
  const { page } = await large(stage, 30);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await wait(1000);
  const seen = await page.evaluate(() => window.seen.stats.length);
  const began = Date.now();
  const cpu = await threadTime(cdp);
  await until('the video has run', () => page.evaluate(([from, n]) =>
    window.seen.stats.length >= from! + n!, [seen, size(c, 'seconds')]),
  size(c, 'seconds') * 3000 + 30_000);
  const busy = (await threadTime(cdp) - cpu)
    / ((Date.now() - began) / 1000);
  const stats = (await page.evaluate(() => window.seen.stats)).slice(seen);
  const latencies = await press(page, size(c, 'keys'));
  await page.context().close();
  await small(stage);
  const [first, last] = [stats[0], stats.at(-1)];
  if (!first || !last)
    throw new Error('no picture was counted');
  const drawn = sum(stats.slice(1).map((s) => s.fps));
  return {
    'frames/s drawn': drawn / (stats.length - 1),
    'drawn of the decoded, %': drawn / (last.decoded - first.decoded) * 100,
    'dropped': last.dropped - first.dropped,
    'CPU of the page thread, %': busy * 100,
    'record to picture p50, ms': at(stats.map((s) => s.latency), 0.5),
    'of it behind the decoder, ms': at(stats.map((s) =>
      s.latency - s.decoding), 0.5),
    'input to socket p50, ms': at(latencies, 0.5),
    'input to socket p99, ms': at(latencies, 0.99),
  };
}

// Frames as fast as they can be read: many minutes' worth in few, decoded or
// dropped. Flat is what takes no more in the end than when it had warmed up.
async function memory(stage: Stage, c: Case): Promise<Figures> {
  const { page } = await large(stage, 1000);
  const counted = () => page.evaluate(() => {
    const last = window.seen.stats.at(-1);
    return last ? last.decoded + last.dropped : 0;
  });
  const taken: { frames: number; bytes: number }[] = [];
  await until('the frames have come', async () => {
    taken.push({ frames: await counted(), bytes: await resident(stage) });
    return (taken.at(-1)?.frames ?? 0) >= size(c, 'frames');
  }, size(c, 'frames') * 100 + 30_000);
  await page.context().close();
  await small(stage);
  const frames = taken.at(-1)?.frames ?? 0;
  const middle = (from: number, to: number) => at(taken.filter((t) =>
    t.frames >= frames * from && t.frames <= frames * to)
    .map((t) => t.bytes), 0.5);
  return {
    'frames': frames, 'minutes of them at 30/s': frames / 1800,
    'MiB more, last quarter beside the second':
      (middle(0.75, 1) - middle(0.25, 0.5)) / 1048576,
  };
}

// RECORDS opened and read, by the CPU's time: other programs of the machine do
// not count.
function reading(page: Cipher, records: readonly Uint8Array[]): number {
  const before = process.cpuUsage();
  for (const record of records)
    decodeMessage(page.open(record));
  const { user, system } = process.cpuUsage(before);
  return sum(records.map((r) => r.length)) * 8 / (user + system);
}

// In Node, which has the engine of Chromium.
async function records(_: Stage, c: Case): Promise<Figures> {
  const key = new Uint8Array(32).fill(7);
  const plain = encodeMessage({ videoFrame: { vp9s: { frames: [
    { data: new Uint8Array(size(c, 'bytes')).fill(3), key: true }] } } });
  const rate = (box: typeof javascript) => {
    choose(box);
    const [device, page] = [new Cipher(key, key), new Cipher(key, key)];
    const sealed = Array.from(
      { length: (size(c, 'mib') << 20) / plain.length },
      () => device.seal(plain));
    return reading(page, sealed);
  };
  return {
    'Mbit/s of a core': rate(await sodium(javascript)),
    'in JavaScript alone, Mbit/s of a core': rate(javascript),
  };
}

// From the first report of a job to its last.
async function moved(page: Page, mib: number): Promise<number> {
  await until('the file is there', () => page.evaluate(() =>
    window.seen.jobs.at(-1)?.state === 'done'), 600_000);
  const jobs = await page.evaluate(() => window.seen.jobs.splice(0));
  const ms = (jobs.at(-1)?.at ?? 0) - (jobs[0]?.at ?? 0);
  return mib * 1048576 / 1e6 / (ms / 1000);
}

async function files(stage: Stage, c: Case): Promise<Figures> {
  const mib = size(c, 'mib');
  await stage.file('/home/ada/large.bin', mib << 20);
  const view = await stage.page({}, `#id=${stage.id}&use=files`,
    (page) => page.addInitScript(watch));
  const { page } = view;
  await page.getByRole('row', { name: /^large.bin/ }).click();
  await page.getByRole('button', { name: 'Fetch' }).click();
  const fetched = await moved(page, mib);
  const path = join(process.cwd(), 'sent.bin');
  writeFileSync(path, Buffer.alloc(mib << 20, 5));
  await page.locator('input[type=file]').first().setInputFiles(path);
  const sent = await moved(page, mib);
  await page.context().close();
  rmSync(path);
  await stage.file('/home/ada/sent.bin', 0);
  return { 'fetched, MB/s': fetched, 'sent, MB/s': sent };
}

const CASES: Readonly<Record<string,
  (stage: Stage, c: Case) => Promise<Figures>>> = {
  picture, video, memory, records, files,
};

const stage = await Stage.open();
await stage.script({ open: true });
try {
  for await (const line of createInterface({ input: process.stdin })) {
    const c = JSON.parse(line) as Case;
    const answer = await CASES[c.case]!(stage, c)
      .catch((e: unknown) => ({ error: String(e) }));
    console.log(JSON.stringify(answer));
  }
} finally {
  await stage.close();
}
