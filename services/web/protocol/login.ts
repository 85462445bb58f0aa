// What a controller asks for when it logs in, and what it may send after.
import type { Init } from './wire.js';
import type { LoginRequest, Option, Outgoing } from './message.js';
import { YES } from './controls.js';
import type { Scope } from './rendezvous.js';
import type { Config } from './session.js';

// Switches behaviour in devices: the version whose protocol we speak.
export const VERSION = '1.4.9';

type Login = Init<typeof LoginRequest>;

const CAMERA_OPTIONS: readonly (keyof Option)[] = ['imageQuality',
  'customImageQuality', 'customFps', 'supportedDecoding', 'disableAudio'];

// O without what a camera has no use for: with anything else in it a device
// drops the whole message, or the session.
function cameraOption(o: Option): Option {
  return Object.fromEntries(CAMERA_OPTIONS.map((k) => [k, o[k]]));
}

function scopeOf(c: Config): Login {
  switch (c.scope) {
    case 'desktop': return { option: c.option };
    case 'camera':
      return {
        option: c.option && cameraOption(c.option), viewCamera: {},
      };
    case 'files':
      return {
        fileTransfer: {
          dir: c.folder ?? '', showHidden: c.showHidden ?? false,
        },
      };
    case 'terminal':
      return {
        option: { terminalPersistent: YES },
        terminal: { serviceId: c.serviceId ?? '' },
      };
    case 'tunnel': return { portForward: { ...c.target, multiplex: true } };
  }
}

export function loginRequest(c: Config, password: Uint8Array): Login {
  return {
    username: c.id, password, myId: c.myId, myName: c.myName,
    sessionId: c.sessionId, version: VERSION, myPlatform: 'Web',
    osLogin: c.osLogin, hwid: c.hwid, ...scopeOf(c),
  };
}

type Kind = keyof Outgoing & string;

const ALLOWED: Readonly<Partial<Record<Scope, readonly Kind[]>>> = {
  files: ['fileAction', 'fileResponse'],
  camera: ['audioFrame', 'voiceCallRequest', 'voiceCallResponse',
    'screenshotRequest'],
  terminal: ['terminalAction'],
  tunnel: ['portForwardChannel'],
};
const ALLOWED_MISC: Readonly<Partial<Record<Scope, readonly string[]>>> = {
  files: ['selectedSid'],
  camera: ['switchDisplay', 'captureDisplays', 'refreshVideo',
    'refreshVideoDisplay', 'videoReceived', 'chatMessage', 'audioFormat',
    'clientRecordStatus', 'option'],
  terminal: ['chatMessage', 'option'],
};

// What of M may be sent on a connection of SCOPE.
export function scoped(scope: Scope, m: Outgoing): Outgoing | undefined {
  if (!maySend(scope, m))
    return undefined;
  return scope === 'camera' && m.misc?.option
    ? { misc: { option: cameraOption(m.misc.option) } } : m;
}

function maySend(scope: Scope, m: Outgoing): boolean {
  if (scope === 'desktop')
    return m.fileAction === undefined && m.fileResponse === undefined;
  return Object.entries(m).filter(([, v]) => v !== undefined)
    .every(([kind, v]) => kind === 'testDelay'
      || (kind === 'misc'
        ? Object.keys(v as object).every((k) => k === 'closeReason'
          || (ALLOWED_MISC[scope] ?? []).includes(k))
        : (ALLOWED[scope] ?? []).includes(kind as Kind)));
}
