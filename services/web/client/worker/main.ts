// The worker of one session: everything between the socket and the canvas.
import type { Option } from '../../protocol/message';
import type { FromWorker, ToWorker } from '../messages';
import { abilities } from './abilities';
import { Desktop } from './desktop';
import { Link } from './link';
import type { Shells } from './shells';
import type { Transfer } from './transfer';

type Begin = Extract<ToWorker, { do: 'start' }>;

const say = (m: FromWorker, transfer: Transferable[] = []) =>
  self.postMessage(m, { transfer });

let link: Link | undefined;
let desktop: Desktop | undefined;
let shells: Shells | undefined;
let transfer: Transfer | undefined;
let tokenCame: (token: string) => void = () => undefined;

const token = () => new Promise<string>((done) => {
  tokenCame = done;
  say({ say: 'token-please' });
});

async function option({ start, view }: Begin): Promise<Option> {
  if (start.scope !== 'desktop' && start.scope !== 'camera')
    return {};
  return desktop ? desktop.option()
    : Desktop.option(view, await abilities());
}

async function begin(m: Begin): Promise<void> {
  // Loaded when they are needed, before the device can speak.
  if (m.start.scope === 'terminal')
    shells = new (await import('./shells')).Shells(() => link, say);
  if (m.start.scope === 'files')
    transfer = new (await import('./transfer')).Transfer(() => link, say);
  const made = new Link(m.start, {
    say, token, option: () => option(m),
    ready: (peer, info) => {
      desktop?.ready(peer, info);
      transfer?.ready(peer.platform);
    },
    message: (message) => {
      desktop?.message(message);
      shells?.message(message);
      transfer?.message(message);
    },
    lost: () => {
      desktop?.lost();
      transfer?.lost();
    },
  });
  link = made;
  desktop = m.start.scope === 'desktop' || m.start.scope === 'camera'
    ? new Desktop(made, m.view, say) : undefined;
}

function handle(m: ToWorker): void {
  switch (m.do) {
    case 'start': void begin(m); break;
    case 'token': tokenCame(m.token); break;
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
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => handle(data);
