// The pages: where they are, what they are called, who sees them. A page
// that a role may not use is neither shown nor opened.
import { BookUser, Boxes, ClipboardList, CopyCheck, Film, Gavel,
  KeyRound, Laptop, LayoutList, Link, Network, Radio, Settings, ShieldCheck,
  SlidersHorizontal, User, UserRound, Users } from 'lucide';
import type { IconNode } from 'lucide';
import type { ComponentType } from 'preact';

import { match, type Params } from '../ui/router';
import { admin, can } from './session';
import type { Key } from './texts';

export interface PageOf {
  path: string;
  name: Key;
  brief?: Key; // where a phone has no room for the name
  group: 'site' | 'inventory' | 'people' | 'policy' | 'records' | 'server'
    | 'own';
  icon: IconNode;
  may: () => boolean;
  load: () => Promise<{ default: ComponentType<{ params: Params }> }>;
  below?: readonly string[]; // addresses of details, the same component
  key?: string; // g and then this letter opens it
}

const audits = () => can('audits.view') || !admin.value;

export const PAGES: readonly PageOf[] = [
  { path: '/', name: 'nav.overview', group: 'site', icon: LayoutList, key: 'o',
    may: () => can('devices.view', 'audits.view'),
    load: () => import('./pages/overview') },
  { path: '/devices', name: 'nav.devices', group: 'inventory', icon: Laptop,
    key: 'd', may: () => can('devices.view'), below: ['/devices/:guid'],
    load: () => import('./pages/devices') },
  { path: '/duplicates', name: 'nav.duplicates', group: 'inventory',
    icon: CopyCheck, may: () => can('devices.view'),
    load: () => import('./pages/duplicates') },
  { path: '/sessions', name: 'nav.sessions', brief: 'nav.sessions.brief',
    group: 'inventory', icon: Radio,
    key: 'l', may: () => can('audits.view'),
    load: () => import('./pages/sessions') },
  { path: '/books', name: 'nav.books', group: 'inventory', icon: BookUser,
    key: 'b', may: () => true, below: ['/books/:guid'],
    load: () => import('./pages/books') },
  { path: '/guest-links', name: 'nav.guestLinks', group: 'inventory',
    icon: Link, may: () => true, load: () => import('./pages/guest_links') },
  { path: '/users', name: 'nav.users', group: 'people', icon: User, key: 'u',
    may: () => can('users.view'), below: ['/users/:guid'],
    load: () => import('./pages/users') },
  { path: '/user-groups', name: 'nav.userGroups', group: 'people', icon: Users,
    may: () => can('user-groups.view'), below: ['/user-groups/:guid'],
    load: () => import('./pages/user_groups') },
  { path: '/device-groups', name: 'nav.deviceGroups', group: 'people',
    icon: Boxes, may: () => can('device-groups.view'),
    below: ['/device-groups/:guid'],
    load: () => import('./pages/device_groups') },
  { path: '/access', name: 'nav.access', group: 'people', icon: Network,
    key: 'w', may: () => can('user-groups.view', 'device-groups.view'),
    load: () => import('./pages/access') },
  { path: '/strategies', name: 'nav.strategies', group: 'policy',
    icon: SlidersHorizontal, may: () => can('strategies.view'), key: 's',
    below: ['/strategies/:guid'], load: () => import('./pages/strategies') },
  { path: '/control-roles', name: 'nav.controlRoles', group: 'policy',
    icon: Gavel, may: () => can('control-roles.view'),
    below: ['/control-roles/:guid'],
    load: () => import('./pages/control_roles') },
  { path: '/admin-roles', name: 'nav.adminRoles', group: 'policy',
    icon: ShieldCheck, may: () => admin.value, below: ['/admin-roles/:guid'],
    load: () => import('./pages/admin_roles') },
  { path: '/audit', name: 'nav.audit', group: 'records', icon: ClipboardList,
    key: 'a', may: audits, below: ['/audit/:kind'],
    load: () => import('./pages/audit') },
  { path: '/recordings', name: 'nav.recordings', group: 'records',
    icon: Film, key: 'r', may: () => can('recordings.view'),
    load: () => import('./pages/recordings') },
  { path: '/setup', name: 'nav.setup', group: 'server', icon: KeyRound,
    key: 'c', may: () => true, load: () => import('./pages/setup') },
  { path: '/settings', name: 'nav.settings', group: 'server', icon: Settings,
    key: 'e', may: () => admin.value,
    below: ['/settings/:section'],
    load: () => import('./pages/settings') },
  { path: '/me', name: 'nav.me', group: 'own', icon: UserRound, key: 'm',
    may: () => true, below: ['/me/:section'],
    load: () => import('./pages/me') },
];

export const GROUPS: readonly (readonly [PageOf['group'], Key | undefined])[] = [
  ['site', undefined], ['inventory', 'nav.inventory'], ['people', 'nav.people'],
  ['policy', 'nav.policy'], ['records', 'nav.records'],
  ['server', 'nav.server'],
];

export function visible(): readonly PageOf[] {
  return PAGES.filter((p) => p.may());
}

export function pageAt(
  path: string,
): { page: PageOf; params: Params } | undefined {
  for (const page of PAGES)
    for (const pattern of [page.path, ...page.below ?? []]) {
      const params = match(pattern, path);
      if (params)
        return { page, params };
    }
  return undefined;
}

// Links are for who may open what they lead to.
export function mayOpen(href: string): boolean {
  return pageAt(href.replace(/[?#].*/, ''))?.page.may() ?? false;
}

// Where somebody starts who may not see the overview.
export function home(): string {
  return visible()[0]?.path ?? '/me';
}
