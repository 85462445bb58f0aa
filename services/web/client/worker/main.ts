// The worker of one session: everything between the socket and the canvas.
import type { Option } from '../../protocol/message';
import { outcome } from '../../protocol/outcome';
import type { FromWorker, ToWorker } from '../messages';
import { abilities } from './abilities';
import type { Desktop } from './desktop';
import { Link } from './link';
import type { Shells } from './shells';
import type { Transfer } from './transfer';
import type { Tunnel } from './tunnel';

type Begin = Extract<ToWorker, { do: 'start' }>;

const say = (m: FromWorker, transfer: Transferable[] = []) =>
  self.postMessage(m, { transfer });

let link: Link | undefined;
let desktop: Desktop | undefined;
let shells: Shells | undefined;
let transfer: Transfer | undefined;
let tunnel: Tunnel | undefined;
let tokenCame: (token: string) => void = () => undefined;

const token = () => new Promise<string>((done) => {
  tokenCame = done;
  say({ say: 'token-please' });
});

const hasPicture = ({ start }: Begin) =>
  start.scope === 'desktop' || start.scope === 'camera';

async function begin(m: Begin): Promise<void> {
  // Loaded when they are needed, before the device can speak.
  if (m.start.scope === 'terminal')
    shells = new (await import('./shells')).Shells(() => link, say);
  if (m.start.scope === 'files')
    transfer = new (await import('./transfer')).Transfer(() => link, say);
  if (m.start.scope === 'tunnel' && m.start.target)
    tunnel = new (await import('./tunnel')).Tunnel(m.start.target,
      () => link, say);
  // … and this one while the device is asked for.
  const loading = hasPicture(m) ? import('./desktop') : undefined;
  const option = async (): Promise<Option> => desktop?.option()
    ?? (await loading?.catch(() => undefined))?.Desktop.option(m.view, await abilities()) ?? {};
  const made = new Link(m.start, {
    say, token, option,
    ready: (peer, info) => {
      desktop?.ready(peer, info);
      transfer?.ready(peer);
    },
    message: (message) => {
      desktop?.message(message);
      shells?.message(message);
      transfer?.message(message);
      tunnel?.message(message);
    },
    lost: (forGood) => {
      desktop?.lost();
      transfer?.lost(forGood);
      tunnel?.lost();
    },
  });
  link = made;
  const picture = await loading;
  desktop = picture && new picture.Desktop(made, m.view, say);
}

function handle(m: Exclude<ToWorker, Begin>): void {
  switch (m.do) {
    case 'token': tokenCame(m.token); break;
    case 'no-token': link?.noToken(m.outcome, m.wait); break;
    case 'password': link?.answerPassword(m.password); break;
    case 'code': link?.answerCode(m.code, m.hwid); break;
    case 'windows-session': link?.answerSession(m.sid); break;
    case 'now': link?.now(); break;
    case 'network': link?.networkBack(); break;
    case 'leave': link?.leave(); break;
    default:
      if (desktop?.input(m))
        return;
      desktop?.command(m);
      shells?.command(m);
      transfer?.command(m);
      tunnel?.command(m);
  }
}

// What is said while the parts are loaded is heard after it, in order; only
// who leaves does not wait.
let waiting: Exclude<ToWorker, Begin>[] | undefined = [];
let failed: Begin | undefined;      // a part did not come: once more, if asked

async function start(m: Begin): Promise<void> {
  failed = undefined;
  try {
    await begin(m);
  } catch {
    link?.leave();
    link = undefined;
    failed = m;
    say({ say: 'ended', outcome: outcome('not-loaded') });
    return;
  }
  const early = waiting ?? [];
  waiting = undefined;
  early.forEach(handle);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.do === 'start')
    void start(data);
  else if (failed && data.do === 'now')
    void start(failed);
  else if (waiting && data.do !== 'leave')
    waiting.push(data);
  else
    handle(data);
};
