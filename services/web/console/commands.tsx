// What Ctrl+K finds: pages, actions, devices, users.
import { Laptop, Moon, Plus, User as UserIcon } from 'lucide';

import { api, type Page } from '../ui/http';
import { deviceId } from '../ui/format';
import type { Device, User } from '../ui/model';
import { type Entry, Palette } from '../ui/palette';
import { theme } from '../ui/theme';
import { visible } from './nav';
import { can, signOut } from './session';
import { t } from './texts';

const MAX_FOUND = 6;

function actions(): Entry[] {
  const group = t('palette.actions');
  const all: (Entry | false)[] = [
    can('users.create') && { id: 'new-user', label: t('users.create'), group,
      icon: Plus, href: '/users?new=1' },
    { id: 'new-guest-link', label: t('guests.create'), group, icon: Plus,
      href: '/guest-links?new=1' },
    can('strategies.edit') && { id: 'new-strategy', group, icon: Plus,
      label: t('strategies.create'), href: '/strategies?new=1' },
    { id: 'theme', label: t('frame.switchTheme'), group, icon: Moon,
      run: () => {
        const dark = document.documentElement.dataset['theme'] === 'dark';
        theme.value = dark ? 'light' : 'dark';
      } },
    { id: 'sign-out', label: t('frame.signOut'), group,
      run: () => { void signOut(); } },
  ];
  return all.filter((e) => e !== false);
}

function pages(): Entry[] {
  return visible().map((p) => ({
    id: p.path, label: t(p.name), group: t('palette.pages'), icon: p.icon,
    href: p.path,
  }));
}

async function devices(q: string): Promise<Entry[]> {
  if (!can('devices.view'))
    return [];
  const page = await api.get<Page<Device>>('/api/web/devices',
    { query: { q: q.replace(/^[\d\s]+$/, (x) => x.replaceAll(' ', '')),
      pageSize: MAX_FOUND } });
  return page.data.map((d) => ({
    id: 'device' + d.guid, label: d.device_name || deviceId(d.id),
    hint: deviceId(d.id), group: t('nav.devices'), icon: Laptop,
    href: '/devices/' + d.guid,
  }));
}

async function users(q: string): Promise<Entry[]> {
  if (!can('users.view'))
    return [];
  const page = await api.get<Page<User>>('/api/users',
    { query: { name: `%${q}%`, pageSize: MAX_FOUND } });
  return page.data.map((u) => ({
    id: 'user' + u.guid, label: u.display_name || u.name, hint: u.name,
    group: t('nav.users'), icon: UserIcon, href: '/users/' + u.guid,
  }));
}

async function find(q: string): Promise<readonly Entry[]> {
  const parts = await Promise.allSettled([devices(q), users(q)]);
  return parts.flatMap((p) => p.status === 'fulfilled' ? p.value : []);
}

export function Commands() {
  return <Palette fixed={[...pages(), ...actions()]} find={find} />;
}
