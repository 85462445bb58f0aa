// What differs between user groups and device groups.
import type { Found } from '../../ui/picker';
import type { Device, Group, User } from '../../ui/model';
import type { Call } from '../access_change';
import { findDevice, findUserByGuid } from '../find';
import { can } from '../session';
import { mayDo, userName } from '../users/actions';
import { nameOf } from '../devices/actions';
import type { Key } from '../texts';

export interface GroupKind {
  api: string;
  page: string;
  title: Key;
  create: Key;
  empty: Key;
  emptyText: Key;
  edit: string; // rights
  move: string;
  see: string; // the members
  members: Key;
  add: Key;
  noMembers: Key;
  membersPath: string;
  membersQuery: (g: Group) => Record<string, string>;
  allMembers: (g: Group) => string;
  find: (text: string) => Promise<readonly Found[]>;
  put: (g: Group, key: string) => Call;
  drop: (g: Group, key: string) => Call;
  member: (row: never) => { key: string; name: string; href: string;
    moves: boolean };
}

export const USER_GROUPS: GroupKind = {
  api: '/api/user-groups', page: '/user-groups', title: 'nav.userGroups',
  create: 'userGroups.create', empty: 'userGroups.empty',
  emptyText: 'userGroups.empty.text',
  edit: 'user-groups.edit', move: 'users.group', see: 'users.view',
  members: 'nav.users',
  add: 'userGroups.add', noMembers: 'userGroups.noMembers',
  membersPath: '/api/users', membersQuery: (g) => ({ group_name: g.name }),
  allMembers: (g) => '/users?group_name=' + encodeURIComponent(g.name),
  find: findUserByGuid,
  put: (g, key) => ({ method: 'POST', path: '/api/user-groups/' + g.guid,
    ids: [key] }),
  drop: (_g, key) => ({ method: 'PATCH', path: '/api/users/' + key,
    body: { group_name: '' } }),
  member: (u: User) => ({ key: u.guid, name: userName(u),
    href: '/users/' + u.guid, moves: mayDo(u, 'users.group') }),
};

export const DEVICE_GROUPS: GroupKind = {
  api: '/api/device-groups', page: '/device-groups', title: 'nav.deviceGroups',
  create: 'deviceGroups.create', empty: 'deviceGroups.empty',
  emptyText: 'deviceGroups.empty.text',
  edit: 'device-groups.edit', move: 'devices.group', see: 'devices.view',
  members: 'nav.devices',
  add: 'deviceGroups.add', noMembers: 'deviceGroups.noMembers',
  membersPath: '/api/web/devices',
  membersQuery: (g) => ({ device_group: g.name }),
  allMembers: (g) => '/devices?device_group=' + encodeURIComponent(g.name),
  find: findDevice,
  put: (g, key) => ({ method: 'POST', path: '/api/device-groups/' + g.guid,
    ids: [key] }),
  drop: (g, key) => ({ method: 'DELETE',
    path: `/api/device-groups/${g.guid}/devices`, ids: [key] }),
  member: (d: Device) => ({ key: d.id, name: nameOf(d),
    href: '/devices/' + d.guid, moves: can('devices.group') }),
};
