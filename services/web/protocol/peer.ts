// Who the device is and what can be done with it, from its PeerInfo.
import type { PeerInfoMessage } from './message.js';

export interface PrivacyMethod {
  readonly key: string;
  readonly label: string;
}

export interface Peer {
  readonly username: string;
  readonly hostname: string;
  readonly platform: string;      // Windows, Linux, Mac OS, Android, …
  readonly version: string;
  readonly ctrlAltDel: boolean;
  readonly privacyMethods: readonly PrivacyMethod[];
  readonly virtualDisplays: 'rustdesk' | 'amyuni' | '';
  readonly wayland: boolean;
  readonly mapKeyboard: boolean;  // position codes, else the old way
  readonly multiDisplay: boolean;
  readonly multiClipboards: boolean;
  readonly camera: boolean;
  readonly screenshot: boolean;
  readonly terminal: boolean;
  readonly fileResume: boolean;
  readonly relativeMouse: boolean;
  readonly portForwardMux: boolean;
}

// VERSION ≥ LEAST, compared as numbers per dotted part.
export function atLeast(version: string, least: string): boolean {
  const a = version.split('.');
  const b = least.split('.');
  for (let i = 0; i < b.length; i++) {
    const difference = (parseInt(a[i] ?? '0', 10) || 0) - Number(b[i]);
    if (difference !== 0)
      return difference > 0;
  }
  return true;
}

const MAX_ADDITIONS = 64 * 1024;

function additions(text: string): Record<string, unknown> {
  if (text === '' || text.length > MAX_ADDITIONS)
    return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      && !Array.isArray(value) ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function privacyMethods(value: unknown): PrivacyMethod[] {
  if (!Array.isArray(value))
    return [];
  return value.slice(0, 16).flatMap((v: unknown) =>
    Array.isArray(v) && typeof v[0] === 'string' && typeof v[1] === 'string'
      ? [{ key: v[0], label: v[1] }] : []);
}

export function readPeer(p: PeerInfoMessage): Peer {
  const more = additions(p.platformAdditions);
  const has = (least: string) => atLeast(p.version, least);
  const android = p.platform === 'Android';
  const idd = more['idd_impl'];
  return {
    username: p.username, hostname: p.hostname, platform: p.platform,
    version: p.version,
    ctrlAltDel: p.platform !== 'Windows' || p.sasEnabled,
    privacyMethods: p.features?.privacyMode
      ? privacyMethods(more['supported_privacy_mode_impl']) : [],
    virtualDisplays: p.platform !== 'Windows' ? ''
      : idd === 'rustdesk_idd' ? 'rustdesk'
        : idd === 'amyuni_idd' ? 'amyuni' : '',
    wayland: more['is_wayland'] === true,
    mapKeyboard: has('1.2.0')
      && ['Windows', 'Linux', 'Mac OS'].includes(p.platform),
    multiDisplay: has('1.2.4'),
    multiClipboards: has(android ? '1.3.3' : '1.3.0') && p.platform !== 'iOS',
    camera: more['support_view_camera'] === true,
    screenshot: has('1.4.0') && !android,
    terminal: has('1.4.1') && p.features?.terminal === true,
    fileResume: has('1.4.2'), relativeMouse: has('1.4.5'),
    portForwardMux: p.features?.portForwardMux === true,
  };
}

// --- permissions ------------------------------------------------------------

export type Permission = 'keyboard' | 'clipboard' | 'audio' | 'file'
  | 'restart' | 'recording' | 'blockInput' | 'privacyMode';
export type Permissions = Readonly<Record<Permission, boolean>>;

const NAMES: readonly (Permission | undefined)[] = [
  'keyboard', undefined, 'clipboard', 'audio', 'file', 'restart',
  'recording', 'blockInput', 'privacyMode',
];

export const ALL_PERMITTED: Permissions = {
  keyboard: true, clipboard: true, audio: true, file: true, restart: true,
  recording: true, blockInput: true, privacyMode: true,
};

export function withPermission(p: Permissions, number: number,
  enabled: boolean): Permissions {
  const name = NAMES[number];
  return name === undefined ? p : { ...p, [name]: enabled };
}
