// The addresses of the console: those that every site has, and those of the
// seeded company's things.
import type { Stage } from './browser';

export const PAGES: readonly string[] = ['/', '/devices', '/duplicates',
  '/duplicates?by=host', '/duplicates?by=copy', '/sessions', '/books',
  '/guest-links', '/users', '/user-groups', '/device-groups', '/access', '/strategies',
  '/control-roles', '/admin-roles', '/audit', '/audit/file', '/audit/alarm',
  '/audit/console', '/recordings', '/setup', '/setup?system=android',
  '/settings/general', '/settings/mail', '/settings/directories',
  '/settings/sign-on', '/settings/tokens', '/settings/webhooks',
  '/settings/bans', '/settings/deleted', '/me', '/nothing-here'];

export async function details(s: Stage): Promise<string[]> {
  const first = async (path: string): Promise<string> => {
    const r = await s.world.admin.get<{ data: { guid: string }[] }
      | { guid: string }[]>(path);
    return (Array.isArray(r) ? r : r.data)[0]!.guid;
  };
  const book = await first('/api/ab/shared/profiles');
  return [`/devices/${s.seeded.devices[0]}`,
    `/devices/${s.seeded.devices[0]}?tab=settings`,
    `/devices/${s.seeded.devices[0]}?tab=sessions`,
    `/users/${s.seeded.users['anna']}`,
    '/user-groups/' + await first('/api/user-groups'),
    '/device-groups/' + await first('/api/device-groups'),
    '/strategies/' + await first('/api/strategies'),
    '/control-roles/' + await first('/api/control-roles'),
    '/admin-roles/' + await first('/api/admin-roles'),
    `/books/${book}`, `/books/${book}?tab=tags`, `/books/${book}?tab=sharing`,
    `/books/${book}?tab=bin`, `/books/${book}?tab=about`];
}
