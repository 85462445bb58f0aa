// The numbers of the audit in words.
import { deviceId } from '../../ui/format';
import type { ConsoleAudit } from '../../ui/model';
import { type Key, t } from '../texts';

// conn_type; -1: nobody signed in.
export const KIND_NAMES: Record<number, Key> = {
  [-1]: 'audit.kind.none', 0: 'audit.kind.remote', 1: 'audit.kind.file',
  2: 'audit.kind.forward', 3: 'audit.kind.camera', 4: 'audit.kind.terminal',
};

export const AUTH_NAMES: Record<number, Key> = {
  1: 'audit.auth.click', 2: 'audit.auth.once', 3: 'audit.auth.permanent',
  4: 'audit.auth.switch',
};

export const SECOND_NAMES: Record<number, Key> = {
  1: 'audit.second.code', 2: 'audit.second.device',
};

export const ALARM_NAMES: Record<number, Key> = {
  0: 'audit.alarm.0', 1: 'audit.alarm.1', 2: 'audit.alarm.2',
  3: 'audit.alarm.3', 4: 'audit.alarm.4', 5: 'audit.alarm.5',
  6: 'audit.alarm.6', 7: 'audit.alarm.7', 8: 'audit.alarm.8',
  9: 'audit.alarm.9', 10: 'audit.alarm.10', 100: 'audit.alarm.100',
};

export const ACT_NAMES: readonly Key[] = [
  'audit.act.0', 'audit.act.1', 'audit.act.2', 'audit.act.3', 'audit.act.4',
  'audit.act.5', 'audit.act.6', 'audit.act.7', 'audit.act.8', 'audit.act.9',
  'audit.act.10', 'audit.act.11', 'audit.act.12', 'audit.act.13',
  'audit.act.14', 'audit.act.15', 'audit.act.16', 'audit.act.17',
  'audit.act.18', 'audit.act.19', 'audit.act.20', 'audit.act.21',
  'audit.act.22', 'audit.act.23', 'audit.act.24', 'audit.act.25',
  'audit.act.26', 'audit.act.27', 'audit.act.28', 'audit.act.29',
  'audit.act.30', 'audit.act.31', 'audit.act.32', 'audit.act.33',
  'audit.act.34', 'audit.act.35', 'audit.act.36',
];

interface Info {
  ip?: string;
  id?: string;
  name?: string;
  num?: number;
  files?: [string, number][];
}

// The detail that a device sent as JSON in a text.
export function readInfo(text: string | undefined): Info {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value as Info : {};
  } catch {
    return {};
  }
}

const SETTINGS: Readonly<Record<string, Key>> = {
  general: 'settings.general', smtp: 'settings.mail', ldap: 'settings.ldap',
  oidc: 'settings.oidc', webhook: 'settings.webhooks',
};
const BANNED: Readonly<Record<string, Key>> = {
  address: 'bans.address', device: 'bans.device',
};
const CHANGED_SETTINGS = 25;
const BAN = 30;
const BAN_ENDED = 31;
const GUID_AND_NOTE = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12} \((.+)\)$/s;

// What a change was about: the server's short words in those of the page,
// a device's id in groups, and the note of what has no name.
export function about({ iop, info }: Pick<ConsoleAudit, 'iop' | 'info'>):
string {
  if (iop === CHANGED_SETTINGS && Object.hasOwn(SETTINGS, info))
    return t(SETTINGS[info]!);
  const [kind, what] = info.split(' ', 2);
  if ((iop === BAN || iop === BAN_ENDED) && what
      && Object.hasOwn(BANNED, kind!))
    return `${t(BANNED[kind!]!)} ${deviceId(what)}`;
  return deviceId(info.replace(GUID_AND_NOTE, '$1'));
}
