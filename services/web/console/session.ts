// Who is signed in and what he may do, as the api states it.
import { computed, effect, signal } from '@preact/signals';

import { forgetAll } from '../ui/data';
import { api, signedOut } from '../ui/http';

export interface Me {
  guid?: string;
  name: string;
  display_name: string;
  email: string;
  note: string;
  avatar: string;
  is_admin: boolean;
  permissions?: string[];
  grants?: { scope: 'global' | 'individual' | 'group';
    permissions: string[] }[];
  own_password?: boolean; // not the one that the server made
  tfa?: boolean;
  passkeys?: number;
  source?: string;
  info?: { email_verification?: boolean };
}

export interface Config {
  name: string;
  version: string;
  server_key: string;
  public_url: string;
  id_server?: string;
  relay_server?: string;
  secure: boolean;
  signed_in?: boolean;
  https_url?: string;
  first_start: boolean;
  password_command: string;
  login_options: string[];
  features: Record<string, boolean>;
}

export const me = signal<Me | undefined>(undefined);
export const config = signal<Config | undefined>(undefined);
export const admin = computed(() => me.value?.is_admin ?? false);

// Any of the rights, for at least something; the api decides in the end.
export function can(...rights: string[]): boolean {
  const m = me.value;
  return Boolean(m) && (m!.is_admin
    || rights.some((r) => m!.permissions?.includes(r)));
}

export function feature(name: string): boolean {
  return config.value?.features[name] ?? false;
}

export async function loadMe(): Promise<void> {
  me.value = await api.get<Me>('/api/currentUser');
}

export async function start(): Promise<void> {
  config.value = await api.get<Config>('/api/web/config', { quiet: true });
  if (!config.value.secure || config.value.signed_in === false)
    return;
  try {
    me.value = await api.get<Me>('/api/currentUser', { quiet: true });
  } catch {
    me.value = undefined;
  }
}

export async function signOut(everywhere = false): Promise<void> {
  await api.post('/api/web/logout', { everywhere });
  me.value = undefined;
  forgetAll();
}

effect(() => {
  if (signedOut.value > 0)
    me.value = undefined;
});
