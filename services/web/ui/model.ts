// The API's objects, as far as the pages read them.

export interface Device {
  guid: string;
  id: string;
  device_name: string;
  device_username: string;
  user_name: string;
  group_name: string;
  device_group_name: string;
  strategy_name: string;
  note: string;
  status: number;
  info?: Record<string, string>;
  is_online: boolean;
  last_online: string;
  last_seen?: number;
  created_at: number;
  version?: string;
  os?: string;
  address?: string;
}

export interface User {
  guid: string;
  name: string;
  display_name: string;
  email: string;
  note: string;
  avatar: string;
  status: number; // 1 enabled, 0 disabled, -1 invited
  is_admin: boolean;
  info?: { email_verification: boolean; email_alarm_notification: boolean };
  group_name: string;
  control_role_name: string;
  strategy_name: string;
  source: string;
  totp: boolean;
  totp_enforced: boolean;
  passkeys: number;
  created_at: number;
  signed_in_at: number; // 0: not known
  admin_roles: string[];
  may: string[]; // the rights of who asks that count for this user
}

// type 0: user group, 1: device group, 2: user.
export interface Rule {
  type: number;
  name: string;
}

export interface Group {
  etag?: string; // of the row as it was read
  guid: string;
  name: string;
  note: string;
  created_at: number;
  allowed_incomings: Rule[];
  allowed_outgoings?: Rule[];
  strategy_name?: string;
  members?: number;
  devices?: number;
}

export interface Strategy {
  guid: string;
  name: string;
  note: string;
  status: boolean;
  modified_at: number; // ms
  config_options?: Record<string, string>;
  devices?: number;
}

export type Tri = 'enable' | 'disable' | 'unset';

export interface ControlRole {
  etag?: string; // of the row as it was read
  guid: string;
  name: string;
  note: string;
  builtin: string;
  enabled: boolean;
  permissions: Record<string, Tri>;
}

export interface AdminRole {
  etag?: string; // of the row as it was read
  guid: string;
  name: string;
  note?: string;
  type: 'global' | 'individual' | 'group';
  enabled: boolean;
  perms: string[];
  unassigned?: boolean;
  user_groups?: string[];
  device_groups?: string[];
}

export interface Book {
  guid: string;
  name: string;
  owner: string;
  note?: string;
  rule: number; // 1 read, 2 write, 3 full
  info?: { password?: string };
}

export interface BookEntry {
  id: string;
  alias?: string;
  username?: string;
  hostname?: string;
  platform?: string;
  note?: string;
  tags: string[];
  same_server?: boolean;
  password?: string;
}

export interface Tag {
  name: string;
  color: number; // ARGB
}

export interface BookRule {
  guid: string;
  rule: number;
  user?: string;
  group?: string;
}

export interface Session {
  guid: string;
  created_at: number;
  device: string;
  peer_id: string;
  peer_name: string;
  user_name: string;
  ip: string;
  conn_type?: number;
  note?: string;
  relayed?: boolean;
  device_online?: boolean;
  guest_link?: string; // by which a guest came; USER_NAME made it
  guest_note?: string;
}

export interface ConnAudit extends Session {
  end_time?: number;
  primary_auth?: number;
  two_factor?: number;
  conn_id?: number;
  session_id?: string | number;
  verified?: boolean;
}

export interface FileAudit {
  guid: string;
  created_at: number;
  device: string;
  peer_id: string;
  user_name: string;
  type: number;
  path: string;
  is_file: boolean;
  info: string;
}

export interface AlarmAudit {
  guid: string;
  created_at: number;
  device: string;
  typ: number;
  info: string;
  user_name: string;
}

export interface ConsoleAudit {
  guid: string;
  created_at: number;
  operator: string;
  typ: number;
  iop: number;
  info: string;
  ip: string;
  api_token: boolean;
}

export interface Recording {
  file: string;
  size: number;
  created_at: number; // its last byte
  device?: string;
  device_name: string;
  device_guid: string;
  began?: string; // by the clock of the device
  stored: 'folder' | 's3';
  growing: boolean;
}

export interface Token {
  guid: string;
  name: string;
  user_name: string;
  scopes: Record<string, number>;
  expires_at: number;
  created_at: number;
}

export interface Webhook {
  etag?: string; // of the row as it was read
  guid: string;
  url: string;
  events?: string[];
  enabled?: boolean;
  secret_set: boolean;
}

export interface Ban {
  guid: string;
  address?: string; // or a network; one of the two is there
  device?: string;
  note: string;
  by: string;
  expires_at: number; // Unix time; 0: for good
  created_at: number;
}

export interface Delivery {
  at: number;
  event: string;
  kind: string; // of the event, or "test"
  result: 'done' | 'refused' | 'silent';
  status: number; // 0: no answer
  ms: number;
  why: string;
}

export interface Permission {
  name: string;
  area: string;
  writes: boolean;
  scopes: string[];
}

export interface OwnSession {
  id: string;
  current: boolean;
  created: number;
  seen: number;
  ip: string;
  os: string;
  name: string;
  type: string;
  device_id: string;
}
