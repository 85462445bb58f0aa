// What differs between user groups and device groups.
import type { Found } from '../../ui/picker';
import type { Device, Group, User } from '../../ui/model';
import { api } from '../../ui/http';
import { findDevice, findUserByGuid } from '../find';
import { userName } from '../users/actions';
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
  members: Key;
  add: Key;
  noMembers: Key;
  membersPath: string;
  membersQuery: (g: Group) => Record<string, string>;
  allMembers: (g: Group) => string;
  find: (text: string) => Promise<readonly Found[]>;
  put: (g: Group, key: string) => Promise<void>;
  drop: ((g: Group, key: string) => Promise<void>) | undefined;
  member: (row: never) => { key: string; name: string; href: string };
}

export const USER_GROUPS: GroupKind = {
  api: '/api/user-groups', page: '/user-groups', title: 'nav.userGroups',
  create: 'userGroups.create', empty: 'userGroups.empty',
  emptyText: 'userGroups.empty.text',
  edit: 'user-groups.edit', move: 'users.group', members: 'nav.users',
  add: 'userGroups.add', noMembers: 'userGroups.noMembers',
  membersPath: '/api/users', membersQuery: (g) => ({ group_name: g.name }),
  allMembers: (g) => '/users?group_name=' + encodeURIComponent(g.name),
  find: findUserByGuid,
  put: (g, key) => api.post('/api/user-groups/' + g.guid, [key]),
  drop: (_g, key) => api.patch('/api/users/' + key, { group_name: '' }),
  member: (u: User) => ({ key: u.guid, name: userName(u),
    href: '/users/' + u.guid }),
};

export const DEVICE_GROUPS: GroupKind = {
  api: '/api/device-groups', page: '/device-groups', title: 'nav.deviceGroups',
  create: 'deviceGroups.create', empty: 'deviceGroups.empty',
  emptyText: 'deviceGroups.empty.text',
  edit: 'device-groups.edit', move: 'devices.group', members: 'nav.devices',
  add: 'deviceGroups.add', noMembers: 'deviceGroups.noMembers',
  membersPath: '/api/web/devices',
  membersQuery: (g) => ({ device_group: g.name }),
  allMembers: (g) => '/devices?device_group=' + encodeURIComponent(g.name),
  find: findDevice,
  put: (g, key) => api.post('/api/device-groups/' + g.guid, [key]),
  drop: (g, key) => api.remove(`/api/device-groups/${g.guid}/devices`, [key]),
  member: (d: Device) => ({ key: d.id, name: nameOf(d),
    href: '/devices/' + d.guid }),
};
