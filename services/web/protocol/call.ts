// A voice call: who rings, who answers, who hangs up. The sound of the device
// comes as it always does; ours goes as Opus packets once the call stands.
import { NO, option, voiceCall } from './controls.js';
import type { Outgoing, PeerMessage } from './message.js';

export type CallState = 'none' | 'calling' | 'ringing' | 'on';
export type CallNews = 'declined' | 'ended';

export const VOICE = { sampleRate: 48_000, channels: 1 } as const;
export const PACKET_US = 10_000;        // of sound in one packet

export interface CallStep {
  readonly send: readonly Outgoing[];
  readonly news?: CallNews;
}

const NOTHING: CallStep = { send: [] };

export class Call {
  state: CallState = 'none';
  private asked = 0n;           // ms, of the one who rings

  // The format of our sound goes before the sound. A device whose own sound
  // was turned off takes neither, so it is turned on first.
  private begin(...send: Outgoing[]): CallStep {
    this.state = 'on';
    return {
      send: [...send, option({ disableAudio: NO }),
        { misc: { audioFormat: VOICE } }],
    };
  }

  private over(news: CallNews): CallStep {
    this.state = 'none';
    return { send: [], news };
  }

  // --- the user -------------------------------------------------------------

  start(now: number): CallStep {
    if (this.state !== 'none')
      return NOTHING;
    this.state = 'calling';
    this.asked = BigInt(now);
    return { send: [voiceCall(now, true)] };
  }

  answer(accepted: boolean, now: number): CallStep {
    if (this.state !== 'ringing')
      return NOTHING;
    const response: Outgoing = {
      voiceCallResponse: {
        accepted, reqTimestamp: this.asked, ackTimestamp: BigInt(now),
      },
    };
    if (accepted)
      return this.begin(response);
    this.state = 'none';
    return { send: [response] };
  }

  end(now: number): CallStep {
    if (this.state === 'ringing')
      return this.answer(false, now);
    if (this.state === 'none')
      return NOTHING;
    this.state = 'none';
    return { send: [voiceCall(now, false)] };
  }

  // --- the device -----------------------------------------------------------

  message(m: PeerMessage, now: number): CallStep {
    if (m.voiceCallRequest)
      return this.requested(m.voiceCallRequest, now);
    const r = m.voiceCallResponse;
    if (!r || this.state !== 'calling' || r.reqTimestamp !== this.asked)
      return NOTHING;
    return r.accepted ? this.begin() : this.over('declined');
  }

  // Both ring at once: each wants the other, so neither is asked.
  private requested(r: NonNullable<PeerMessage['voiceCallRequest']>,
    now: number): CallStep {
    if (!r.isConnect)
      return this.state === 'none' ? NOTHING : this.over('ended');
    if (this.state === 'on' || this.state === 'ringing')
      return NOTHING;
    const both = this.state === 'calling';
    this.asked = r.reqTimestamp;
    this.state = 'ringing';
    return both ? this.answer(true, now) : NOTHING;
  }

  lost(): void {
    this.state = 'none';
  }
}
