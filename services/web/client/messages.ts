// What page and worker say to each other. The worker has the socket, the
// keys, the decoders and the canvas; the page has the DOM.
import type { CallNews, CallState } from '../protocol/call';
import type { Content } from '../protocol/clipboard';
import type { Blocked, Privacy, Quality } from '../protocol/controls';
import type { Candidate } from '../protocol/direct';
import type { Display } from '../protocol/displays';
import type { Entry } from '../protocol/files';
import type { Key, KeyMode } from '../protocol/keyboard';
import type { ControlKey } from '../protocol/keys';
import type { Outcome } from '../protocol/outcome';
import type { Peer, Permissions } from '../protocol/peer';
import type { WayName } from '../protocol/reach';
import type { Scope } from '../protocol/rendezvous';
import type { Target as Service } from '../protocol/service';
import type { Question } from '../protocol/session';
import type { Codec } from '../protocol/video';
import type { Cookie, Exchange, Visit } from './tunnel/exchange';

export interface Start {
  readonly id: string;
  readonly scope: Scope;
  readonly serverKey: string;     // base64
  readonly idUrl: string;         // wss://…/ws/id
  readonly relayUrl: string;
  readonly myId: string;
  readonly myName: string;
  readonly sessionId: bigint;
  readonly password: string | undefined;
  readonly hash: Uint8Array | undefined;
  readonly hwid: Uint8Array | undefined;
  readonly serviceId: string;     // terminal
  readonly target: Service | undefined;   // tunnel
}

// What the user has chosen for the picture; kept over reconnects.
export interface View {
  readonly quality: Quality | number;   // a number: percent
  readonly fps: number;
  readonly codec: Codec | 'auto';
  readonly fullColour: boolean;
  readonly viewOnly: boolean;
  readonly muted: boolean;
  readonly showCursor: boolean;
  readonly follow: boolean;
}

export type Step = 'finding' | 'relay' | 'identity' | 'login' | 'picture'
  | 'live';

export interface Place { readonly fx: number; readonly fy: number }

export type ToWorker =
  | { readonly do: 'start'; readonly start: Start; readonly view: View }
  | { readonly do: 'token'; readonly token: string }
  // WAIT: ms until it may be asked for again
  | { readonly do: 'no-token'; readonly outcome: Outcome;
    readonly wait: number }
  | { readonly do: 'canvas'; readonly canvas: OffscreenCanvas }
  | { readonly do: 'password'; readonly password: string }
  | { readonly do: 'code'; readonly code: string;
    readonly hwid: Uint8Array | undefined }
  | { readonly do: 'windows-session'; readonly sid: number }
  | { readonly do: 'now' }        // do not wait for the next attempt
  | { readonly do: 'network' }    // our network came back
  | { readonly do: 'leave' }
  | { readonly do: 'hidden'; readonly hidden: boolean }
  // input
  | { readonly do: 'move'; readonly at: Place }
  | { readonly do: 'move-by'; readonly dx: number; readonly dy: number }
  | { readonly do: 'button'; readonly button: number;
    readonly down: boolean; readonly at: Place | undefined;
    readonly held: readonly number[] }
  | { readonly do: 'wheel'; readonly dx: number; readonly dy: number;
    readonly mode: number }
  | { readonly do: 'relative'; readonly dx: number; readonly dy: number }
  | { readonly do: 'key'; readonly down: boolean; readonly key: Key }
  | { readonly do: 'key-mode'; readonly mode: KeyMode; readonly mac: boolean }
  | { readonly do: 'release' }
  | { readonly do: 'text'; readonly text: string }
  | { readonly do: 'combination'; readonly key: ControlKey | string;
    readonly held: readonly ControlKey[] }
  | { readonly do: 'ctrl-alt-del' } | { readonly do: 'lock' }
  // picture
  | { readonly do: 'view'; readonly view: View }
  | { readonly do: 'show'; readonly displays: readonly number[] }
  | { readonly do: 'resolution'; readonly display: number;
    readonly width: number; readonly height: number }
  | { readonly do: 'virtual'; readonly display: number; readonly on: boolean }
  | { readonly do: 'refresh' }
  | { readonly do: 'screenshot'; readonly display: number }
  // the rest
  | { readonly do: 'clipboard'; readonly content: Content }
  | { readonly do: 'player'; readonly port: MessagePort }
  | { readonly do: 'chat'; readonly text: string }
  | { readonly do: 'call'; readonly step: 'start' | 'accept' | 'decline'
    | 'end' }
  // Planes of samples come out of PORT, SAMPLE_RATE of them a second.
  | { readonly do: 'microphone'; readonly port: MessagePort;
    readonly sampleRate: number }
  | { readonly do: 'restart' }
  | { readonly do: 'block-input'; readonly on: boolean }
  | { readonly do: 'privacy'; readonly key: string; readonly on: boolean }
  | { readonly do: 'elevate'; readonly logon:
    { readonly username: string; readonly password: string } | undefined }
  | { readonly do: 'recording'; readonly on: boolean }
  // terminal
  | { readonly do: 'terminal-open'; readonly id: number;
    readonly rows: number; readonly cols: number }
  | { readonly do: 'terminal-resize'; readonly id: number;
    readonly rows: number; readonly cols: number }
  | { readonly do: 'terminal-input'; readonly id: number;
    readonly data: Uint8Array }
  | { readonly do: 'terminal-close'; readonly id: number }
  // tunnel
  | { readonly do: 'visit'; readonly n: number; readonly visit: Visit }
  | { readonly do: 'visit-stop'; readonly n: number }
  | { readonly do: 'cookie'; readonly cookie: Cookie }
  // files
  | { readonly do: 'list'; readonly path: string; readonly hidden: boolean }
  | { readonly do: 'download'; readonly id: number; readonly path: string;
    readonly hidden: boolean; readonly target: Target }
  | { readonly do: 'upload'; readonly id: number; readonly path: string;
    readonly files: readonly UploadFile[] }
  | { readonly do: 'overwrite'; readonly id: number;
    readonly answer: Overwrite; readonly all: boolean }
  | { readonly do: 'pause'; readonly id: number; readonly paused: boolean }
  | { readonly do: 'cancel'; readonly id: number }
  | { readonly do: 'create'; readonly id: number; readonly path: string }
  | { readonly do: 'rename'; readonly id: number; readonly path: string;
    readonly name: string }
  | { readonly do: 'remove'; readonly id: number; readonly path: string;
    readonly folder: boolean };

// Where a download goes: into a folder or a file that the user chose, or
// into the browser's own storage, from where the page hands it out.
export type Target =
  | { readonly kind: 'folder'; readonly folder: FileSystemDirectoryHandle }
  | { readonly kind: 'save'; readonly name: string; readonly zip: boolean };

export interface UploadFile {
  readonly name: string;          // relative, "" when single
  readonly file: File;
}

export type Overwrite = 'overwrite' | 'skip';

export interface Stats {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;           // drawn in the last second
  readonly decoded: number;
  readonly dropped: number;       // since the session began
  readonly bitrate: number;       // bits a second received
  readonly queue: number;
  readonly roundTrip: number;     // ms, 0 before it is known
  readonly latency: number;       // ms from record to drawing, median
  readonly decoding: number;      // ms of it until the decoder was done
}

export type FromWorker =
  | { readonly say: 'token-please' }
  | { readonly say: 'step'; readonly step: Step }
  // The other end of PORT is to offer a direct connection.
  | { readonly say: 'direct-please'; readonly port: MessagePort }
  | { readonly say: 'way'; readonly way: WayName }
  | { readonly say: 'fingerprint'; readonly text: string }
  | { readonly say: 'question'; readonly question: Question }
  | { readonly say: 'ready'; readonly peer: Peer;
    readonly hash: Uint8Array | undefined; readonly folder: string }
  | { readonly say: 'displays'; readonly list: readonly Display[];
    readonly shown: readonly number[];
    readonly size: { readonly width: number; readonly height: number } }
  | { readonly say: 'permissions'; readonly permissions: Permissions }
  | { readonly say: 'codecs'; readonly codecs: readonly Codec[] }
  | { readonly say: 'waiting'; readonly outcome: Outcome;
    readonly until: number; readonly attempt: number }
  | { readonly say: 'ended'; readonly outcome: Outcome }
  | { readonly say: 'warn'; readonly outcome: Outcome }
  | { readonly say: 'stats'; readonly stats: Stats }
  | { readonly say: 'cursor'; readonly image: Blob; readonly hotX: number;
    readonly hotY: number; readonly width: number; readonly height: number }
  | { readonly say: 'pointer'; readonly at: Place; readonly remote: boolean }
  | { readonly say: 'chat'; readonly text: string }
  | { readonly say: 'call'; readonly state: CallState;
    readonly news: CallNews | 'no-encoder' | undefined }
  | { readonly say: 'clipboard'; readonly content: Content }
  | { readonly say: 'sound'; readonly sampleRate: number;
    readonly channels: number }
  | { readonly say: 'privacy'; readonly state: Privacy;
    readonly details: string }
  | { readonly say: 'blocked'; readonly state: Blocked }
  | { readonly say: 'message-box'; readonly title: string;
    readonly text: string }
  | { readonly say: 'elevation'; readonly needed: boolean }
  | { readonly say: 'elevation-answer'; readonly text: string }
  | { readonly say: 'screenshot'; readonly png: Uint8Array;
    readonly error: string }
  | { readonly say: 'terminal-opened'; readonly id: number;
    readonly replay: boolean; readonly others: readonly number[];
    readonly serviceId: string }
  | { readonly say: 'terminal-output'; readonly id: number;
    readonly data: Uint8Array }
  | { readonly say: 'terminal-closed'; readonly id: number;
    readonly exitCode: number }
  | { readonly say: 'terminal-failed'; readonly id: number;
    readonly text: string }
  | { readonly say: 'visited'; readonly n: number;
    readonly exchange: Exchange }
  | { readonly say: 'listing'; readonly path: string;
    readonly entries: readonly Entry[] }
  | { readonly say: 'job'; readonly job: JobState }
  | { readonly say: 'exists'; readonly id: number; readonly name: string;
    readonly here: FileFacts; readonly there: FileFacts;
    readonly upload: boolean }
  | { readonly say: 'file-ready'; readonly id: number;
    readonly name: string; readonly stored: string };

// The worker to the page's half of a direct connection, and back.
export type ToDirect =
  | { readonly do: 'answer'; readonly sdp: string }
  | { readonly do: 'candidate'; readonly candidate: Candidate }
  | { readonly do: 'send'; readonly data: ArrayBuffer }
  | { readonly do: 'close' };

export type FromDirect =
  | { readonly say: 'none' }          // no direct connections here
  | { readonly say: 'offer'; readonly sdp: string }
  | { readonly say: 'candidate'; readonly text: string }
  | { readonly say: 'part'; readonly data: ArrayBuffer }
  | { readonly say: 'taken'; readonly bytes: number }   // since it began
  | { readonly say: 'closed' };

export interface FileFacts {
  readonly size: number;
  readonly modified: number;      // Unix seconds
}

export interface JobState {
  readonly id: number;
  readonly state: 'waiting' | 'running' | 'paused' | 'interrupted' | 'done'
    | 'failed' | 'cancelled';
  readonly file: string;          // the one under way
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly total: number;
  readonly error: string;
}
