// Direct connections (WebRTC): what two ends tell each other through the ID
// server, and how records travel in the data channel.

const SCHEME = 'webrtc://';
const MAX_ANSWER = 16 * 1024;     // characters; the ID server passes 8 KiB
export const MAX_CANDIDATE = 1024;      // bytes of one, as the server's
export const MAX_CANDIDATES = 64;       // of each side
const MAX_FINGERPRINT = 250;

// ice_policy: with force_relay set a device answers only offers that name it.
export const sealOffer = (sdp: string): string =>
  SCHEME + btoa(JSON.stringify({ type: 'offer', sdp, ice_policy: 'all' }));

export interface Answer {
  readonly sdp: string;
  readonly fingerprint: string;   // of the device's certificate, as it says
}

// The one fingerprint that all of SDP names; undefined: none, or several, of
// which a browser might take another than we compare. That it reads none where
// we see none, every mention must be written as we read it.
export function sdpFingerprint(sdp: string): string | undefined {
  const named = Array.from(
    sdp.matchAll(/^a=fingerprint:(.*?)\r?$/gim), (m) => m[1] ?? '');
  if (named.length !== (sdp.match(/fingerprint/gi) ?? []).length)
    return undefined;
  const all = new Set(named);
  const [one = ''] = all;
  return all.size === 1 && one !== '' && one.length <= MAX_FINGERPRINT
    ? one : undefined;
}

// undefined: it is no answer that could be used.
export function readAnswer(text: string): Answer | undefined {
  if (!text.startsWith(SCHEME) || text.length > MAX_ANSWER)
    return undefined;
  let value: unknown;
  try {
    value = JSON.parse(atob(text.slice(SCHEME.length)));
  } catch {
    return undefined;
  }
  const { type, sdp } = (value ?? {}) as { type?: unknown; sdp?: unknown };
  if (type !== 'answer' || typeof sdp !== 'string')
    return undefined;
  const fingerprint = sdpFingerprint(sdp);
  return fingerprint === undefined ? undefined : { sdp, fingerprint };
}

export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

// A candidate of the device; undefined: garbage, which is passed over.
export function readCandidate(text: string): Candidate | undefined {
  if (text.length > MAX_CANDIDATE)
    return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } =
    (value ?? {}) as Record<string, unknown>;
  if (typeof candidate !== 'string' || candidate === '')
    return undefined;
  const mid = typeof sdpMid === 'string' ? sdpMid : null;
  const line = typeof sdpMLineIndex === 'number' ? sdpMLineIndex : null;
  return {
    candidate, sdpMid: mid,
    // A browser wants one of the two; there is one medium.
    sdpMLineIndex: mid === null ? line ?? 0 : line,
    usernameFragment:
      typeof usernameFragment === 'string' ? usernameFragment : null,
  };
}

// --- records in the channel --------------------------------------------------

const PART = 60_000;              // bytes behind the header of a message
export const MAX_PARTS = 1 << 16; // of a record: small ones cost more than bytes
const MORE = 1;
const LAST = 0;

// RECORD as the messages of the channel that carry it.
export function split(record: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const messages: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  do {
    const part = record.subarray(at, at + PART);
    at += part.length;
    const message = new Uint8Array(1 + part.length);
    message[0] = at < record.length ? MORE : LAST;
    message.set(part, 1);
    messages.push(message);
  } while (at < record.length);
  return messages;
}

export class ChannelError extends Error {}

// The way back: messages in, whole records out, none longer than MAX bytes or
// in more than MAX_PARTS.
export class Joiner {
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly max: number) {}

  // The record that MESSAGE completes. Throws when it is not of this framing.
  add(message: Uint8Array): Uint8Array | undefined {
    const [head] = message;
    if (head !== MORE && head !== LAST)
      throw new ChannelError('not a part of a record');
    if (head === MORE && message.length === 1)
      throw new ChannelError('a part with nothing in it');
    this.size += message.length - 1;
    if (this.size > this.max)
      throw new ChannelError('a record too long');
    if (this.parts.length >= MAX_PARTS)
      throw new ChannelError('a record in too many parts');
    this.parts.push(message.subarray(1));
    return head === LAST ? this.whole() : undefined;
  }

  private whole(): Uint8Array {
    const [only] = this.parts;
    let record = only ?? new Uint8Array(0);
    if (this.parts.length > 1) {
      record = new Uint8Array(this.size);
      let at = 0;
      for (const part of this.parts) {
        record.set(part, at);
        at += part.length;
      }
    }
    this.parts = [];
    this.size = 0;
    return record;
  }
}
