// Terminals of a device over one link.
import type { PeerMessage } from '../../protocol/message';
import { Terminals } from '../../protocol/terminal';
import type { FromWorker, ToWorker } from '../messages';
import type { Link } from './link';

export class Shells {
  private readonly terminals = new Terminals();

  constructor(private readonly link: Link,
    private readonly say: (m: FromWorker) => void) {}

  message(m: PeerMessage): void {
    const e = m.terminalResponse && this.terminals.received(m.terminalResponse);
    switch (e?.event) {
      case 'opened':
        this.link.serviceId = this.terminals.serviceId;
        this.say({
          say: 'terminal-opened', id: e.id, replay: e.replay,
          others: e.others, serviceId: this.terminals.serviceId,
        });
        break;
      case 'output':
        this.say({ say: 'terminal-output', id: e.id, data: e.data.slice() });
        break;
      case 'closed':
        this.say({ say: 'terminal-closed', id: e.id, exitCode: e.exitCode });
        break;
      case 'failed':
        this.say({ say: 'terminal-failed', id: e.id, text: e.text });
        break;
      case undefined: break;
    }
  }

  command(m: ToWorker): void {
    const t = this.terminals;
    switch (m.do) {
      case 'terminal-open': this.link.post(t.open(m.id, m.rows, m.cols)); break;
      case 'terminal-resize':
        this.link.post(t.resize(m.id, m.rows, m.cols));
        break;
      case 'terminal-input': this.link.post(...t.input(m.id, m.data)); break;
      case 'terminal-close': this.link.post(t.close(m.id)); break;
      default: break;
    }
  }
}
