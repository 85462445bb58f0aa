// Terminals of a device over one link.
import type { Outgoing, PeerMessage } from '../../protocol/message';
import { Terminals } from '../../protocol/terminal';
import type { FromWorker, ToWorker } from '../messages';
import type { Link } from './link';

export class Shells {
  private readonly terminals = new Terminals();

  constructor(private readonly theLink: () => Link | undefined,
    private readonly say: (m: FromWorker) => void) {}

  private post(...messages: readonly Outgoing[]): void {
    this.theLink()?.post(...messages);
  }

  private setService(): void {
    const link = this.theLink();
    if (link)
      link.serviceId = this.terminals.serviceId;
  }

  message(m: PeerMessage): void {
    const e = m.terminalResponse && this.terminals.received(m.terminalResponse);
    switch (e?.event) {
      case 'opened':
        this.setService();
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
      case 'terminal-open': this.post(t.open(m.id, m.rows, m.cols)); break;
      case 'terminal-resize':
        this.post(t.resize(m.id, m.rows, m.cols));
        break;
      case 'terminal-input': this.post(...t.input(m.id, m.data)); break;
      case 'terminal-close': this.post(t.close(m.id)); break;
      default: break;
    }
  }
}
