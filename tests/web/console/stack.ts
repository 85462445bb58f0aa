// A Redis and an api of the test's own, and calls to both.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

export const ROOT = process.env['ROOT'] ?? process.cwd();
export const BINARY = process.env['API_BINARY']
  ?? join(ROOT, 'build/release/bin/api');
const PAGES = join(ROOT, 'services/web/dist');

export async function waitFor<T>(
  what: string, check: () => Promise<T> | T, seconds = 20,
): Promise<NonNullable<T>> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const value = await check();
    if (value)
      return value;
    await new Promise((done) => setTimeout(done, 30));
  }
  throw new Error(`timed out: ${what}`);
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const s = createServer();
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address() as { port: number };
      s.close(() => done(port));
    });
  });
}

function end(process: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (process.exitCode !== null || process.signalCode !== null)
      return done();
    process.once('exit', () => done());
    process.kill('SIGTERM');
  });
}

export class Redis {
  private process: ChildProcess | undefined;
  readonly folder = mkdtempSync(join(tmpdir(), 'console-redis-'));
  port = 0;

  async start(): Promise<void> {
    this.port ||= await freePort();
    this.process = spawn('redis-server', ['--port', String(this.port),
      '--bind', '127.0.0.1', '--dir', this.folder, '--appendonly', 'yes',
      '--save', ''], { stdio: 'ignore' });
    await waitFor('redis', () => this.do('PING').catch(() => ''));
  }

  // One command, one connection: the answer's first line.
  do(...args: (string | Buffer)[]): Promise<string> {
    return new Promise((done, failed) => {
      const s: Socket = createConnection(this.port, '127.0.0.1');
      s.once('error', failed);
      s.once('data', (d) => {
        s.destroy();
        const text = d.toString();
        if (text.startsWith('-'))
          failed(new Error(text));
        else
          done(text);
      });
      s.write(Buffer.concat([Buffer.from(`*${args.length}\r\n`),
        ...args.flatMap((a) => {
          const b = Buffer.isBuffer(a) ? a : Buffer.from(a);
          return [Buffer.from(`$${b.length}\r\n`), b, Buffer.from('\r\n')];
        })]));
    });
  }

  async stop(): Promise<void> {
    if (this.process)
      await end(this.process);
  }
}

export class Api {
  private process: ChildProcess | undefined;
  readonly folder = mkdtempSync(join(tmpdir(), 'console-api-'));
  private log = '';
  port = 0;

  constructor(private readonly redis: Redis,
    private readonly env: Record<string, string> = {}) {}

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.port ||= await freePort();
    this.log = '';
    this.process = spawn(BINARY, { cwd: this.folder, stdio: 'pipe', env: {
      PATH: process.env['PATH'] ?? '', API_PORT: String(this.port),
      OPS_PORT: '0', BIND: '127.0.0.1', THREADS: '4', DATA_DIR: this.folder,
      REDIS_URL: `redis://127.0.0.1:${this.redis.port}`, LOGIN_RATE: '0',
      DEVICE_RATE: '0', WEB_DIR: PAGES, TRUSTED_PROXIES: '127.0.0.0/8',
      ...this.env } });
    const keep = (d: Buffer) => { this.log += d.toString(); };
    this.process.stdout!.on('data', keep);
    this.process.stderr!.on('data', keep);
    await waitFor('the api', () => {
      if (this.process!.exitCode !== null)
        throw new Error('the api ended: ' + this.log);
      return this.log.includes('event=listening');
    });
    await waitFor('answers', () => fetch(this.base + '/api/version')
      .then((r) => r.ok, () => false));
  }

  // Its file goes with the first sign-in.
  private first = '';
  get password(): string {
    this.first ||= readFileSync(join(this.folder, 'admin_password'), 'utf8')
      .trim();
    return this.first;
  }

  async stop(): Promise<void> {
    if (!this.process)
      return;
    await end(this.process);
    if (/Sanitizer|runtime error/.test(this.log))
      throw new Error(this.log);
  }
}

export class Client {
  constructor(readonly base: string, readonly token: string) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const r = await fetch(this.base + path, { method,
      headers: { Authorization: 'Bearer ' + this.token,
        'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body) });
    const text = await r.text();
    if (!r.ok)
      throw new Error(`${method} ${path}: ${r.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  get = <T>(path: string) => this.call<T>('GET', path);
  post = <T = void>(path: string, body?: unknown) =>
    this.call<T>('POST', path, body);
  put = <T = void>(path: string, body?: unknown) =>
    this.call<T>('PUT', path, body);
  patch = <T = void>(path: string, body?: unknown) =>
    this.call<T>('PATCH', path, body);
}

export async function login(
  base: string, username: string, password: string,
): Promise<Client> {
  const r = await fetch(base + '/api/login', { method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password, type: 'account' }) });
  const reply = await r.json() as { access_token?: string };
  if (!reply.access_token)
    throw new Error(JSON.stringify(reply));
  return new Client(base, reply.access_token);
}

function crc16(data: string): number {
  let crc = 0;
  for (const b of Buffer.from(data)) {
    crc ^= b << 8;
    for (let i = 0; i < 8; i++)
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

const bucket = (id: string) => crc16(id).toString(16).padStart(4, '0');
const YEAR_2020 = 1577836800;

export interface DeviceFacts {
  hostname?: string;
  username?: string;
  os?: string;
  version?: string;
}

let nextId = 123_456_000;

// A machine that hbbs knows (its record is put into Redis) and that reports
// to the api like a client.
export class Device {
  readonly id = String(++nextId);
  readonly machine = randomBytes(16).toString('hex');
  private readonly raw = randomBytes(16);

  constructor(private readonly world: World) {}

  get guid(): string {
    return this.raw.toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  private get who(): { id: string; uuid: string } {
    return { id: this.id, uuid: Buffer.from(this.machine).toString('base64') };
  }

  async register(): Promise<void> {
    const field = (n: number, data: Buffer) =>
      Buffer.concat([Buffer.from([(n << 3) | 2, data.length]), data]);
    const version = Buffer.alloc(4);
    version.writeUInt32LE(1);
    await this.world.redis.do('HSET', 'peer:' + bucket(this.id), this.id,
      Buffer.concat([version, field(1, this.raw),
        field(2, Buffer.from(this.machine)), field(3, Buffer.alloc(32, 1))]));
  }

  private post(path: string, body: object, from?: string): Promise<Response> {
    return fetch(this.world.api.base + path, { method: 'POST',
      headers: { 'Content-Type': 'application/json',
        ...from && { 'X-Real-IP': from } },
      body: JSON.stringify({ ...this.who, ...body }) });
  }

  // FROM is the address that the proxy tells.
  async report(facts: DeviceFacts = {}, from?: string): Promise<void> {
    const r = await this.post('/api/sysinfo', { version: '1.4.9',
      cpu: 'Core i5, 2.4GHz, 4/8 cores', memory: '16GB',
      os: 'windows / Windows 11 Pro', hostname: 'pc-' + this.id,
      username: 'user', ...facts }, from);
    const text = await r.text();
    if (text !== 'SYSINFO_UPDATED')
      throw new Error(text);
  }

  // The presence that hbbs writes.
  async seen(secondsAgo = 0): Promise<void> {
    const b = Buffer.alloc(28);
    b[0] = 1;
    b[1] = 1;
    b.writeUInt16LE(5000, 2);
    b.writeUInt32LE(secondsAgo > 0 ? 0 : 1, 4);
    b.writeUInt32LE(Math.floor(Date.now() / 1000) - YEAR_2020 - secondsAgo, 8);
    await this.world.redis.do('HSET', 'seen:' + bucket(this.id), this.id, b);
    await this.world.redis.do('XADD', 'seen:changes', '*', this.id, b);
  }

  async audit(kind: 'conn' | 'file' | 'alarm', body: object): Promise<void> {
    const r = await this.post('/api/audit/' + kind, body);
    if (!r.ok)
      throw new Error(await r.text());
  }
}

export interface RelayList {
  setting: 'BLACKLIST' | 'BLOCKLIST';
  path: string;
  missing?: boolean;
  entries: number;
  first: readonly string[];
  bad: readonly string[];
}

function varint(n: number): number[] {
  return n < 128 ? [n] : [n % 128 | 128, ...varint(Math.floor(n / 128))];
}

const bytesField = (n: number, data: Buffer) =>
  Buffer.concat([Buffer.from([(n << 3) | 2, ...varint(data.length)]), data]);
const numberField = (n: number, value: number) =>
  Buffer.from([n << 3, ...varint(value)]);

export class World {
  readonly redis = new Redis();
  readonly api: Api;
  admin!: Client;
  private readonly nodes = new Map<string, string>(); // epoch → kind
  private beating: NodeJS.Timeout | undefined;

  constructor(env: Record<string, string> = {}) {
    this.api = new Api(this.redis, env);
  }

  async start(): Promise<void> {
    for (const needed of [BINARY, join(PAGES, 'index.html')])
      if (!existsSync(needed))
        throw new Error(`${needed} is missing: make all web`);
    await this.redis.start();
    await this.lease();
    await this.api.start();
    // The api answers before the file is there, and the account comes last.
    this.admin = await waitFor('the first account', async () => {
      try {
        return await login(this.api.base, 'admin', this.api.password);
      } catch {
        return undefined;
      }
    });
  }

  // The lease of a living hbbs: its epoch is 1, its key 32 bytes of 7.
  private async lease(): Promise<void> {
    const text = Buffer.from([0x0a, 1, 0x68, 0x15, 1, 0, 0, 0, 0x62, 32]);
    await this.redis.do('SET', 'node:hbbs:00000001',
      Buffer.concat([text, Buffer.alloc(32, 7)]));
    this.nodes.set('00000001', 'hbbs');
    await this.beat();
    // A node that is silent for long is dead, and its devices are offline.
    this.beating = setInterval(() => this.beat().catch(() => {}), 2000);
  }

  private async beat(): Promise<void> {
    for (const [epoch, kind] of this.nodes)
      await this.redis.do('ZADD', 'nodes:' + kind,
        String(Math.floor(Date.now() / 1000)), epoch);
  }

  // A living relay, and what it tells of its lists (Redis holds what hbbr
  // packs: RelayLists of proto/state.proto).
  async relay(name: string, lists: readonly RelayList[],
    refused: Record<string, number> = {}): Promise<void> {
    const epoch = Buffer.from([2, 0, 0, 0]);
    await this.redis.do('SET', 'node:hbbr:00000002', Buffer.concat([
      bytesField(1, Buffer.from(name)), Buffer.from([0x15]), epoch,
      ...Object.entries(refused).map(([why, n]) => bytesField(13,
        Buffer.concat([bytesField(1, Buffer.from(why)), numberField(2, n)])))]));
    this.nodes.set('00000002', 'hbbr');
    await this.beat();
    await this.redis.do('SET', 'lists:hbbr:00000002', Buffer.concat(
      lists.map((l) => bytesField(1, Buffer.concat([
        bytesField(1, Buffer.from(l.setting)),
        bytesField(2, Buffer.from(l.path)),
        numberField(3, l.missing ? 1 : 0),
        numberField(4, Math.floor(Date.now() / 1000)),
        numberField(5, l.entries),
        ...l.first.map((a) => bytesField(6, Buffer.from(a))),
        numberField(7, l.bad.length),
        ...l.bad.map((a) => bytesField(8, Buffer.from(a)))])))));
  }

  async device(facts: DeviceFacts = {}): Promise<Device> {
    const d = new Device(this);
    await d.register();
    await d.report(facts);
    return d;
  }

  async stop(): Promise<void> {
    clearInterval(this.beating);
    await this.api.stop();
    await this.redis.stop();
    rmSync(this.api.folder, { recursive: true, force: true });
    rmSync(this.redis.folder, { recursive: true, force: true });
  }
}
