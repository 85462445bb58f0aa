// Paths of a device, in its own way of writing, and names that may be used
// on this side.

export const separator = (platform: string): '\\' | '/' =>
  platform === 'Windows' ? '\\' : '/';

export function join(platform: string, folder: string, name: string): string {
  const sep = separator(platform);
  if (folder === '' || (sep === '\\' && folder === '/'))
    return name;
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}

// The folder above; "/" on Windows is the list of drives. Undefined at the
// top.
export function parent(platform: string, path: string): string | undefined {
  if (path === '/' || path === '')
    return undefined;
  if (platform !== 'Windows') {
    const trimmed = path.replace(/\/+$/, '');
    return trimmed.slice(0, trimmed.lastIndexOf('/')) || '/';
  }
  const trimmed = path.replace(/[\\/]+$/, '');
  const at = Math.max(trimmed.lastIndexOf('\\'), trimmed.lastIndexOf('/'));
  if (at < 0)
    return '/';
  const up = trimmed.slice(0, at);
  return /^[A-Za-z]:$/.test(up) ? up + '\\' : up;
}

export interface Crumb { readonly name: string; readonly path: string }

export function crumbs(platform: string, path: string): Crumb[] {
  const out: Crumb[] = [];
  for (let at: string | undefined = path; at !== undefined;) {
    const up = parent(platform, at);
    const name = at === '/' ? '/' : at.replace(/[\\/]+$/, '')
      .split(/[\\/]/).pop() ?? at;
    out.unshift({ name, path: at });
    at = up;
  }
  return out;
}

const MAX_DEPTH = 64;
const MAX_NAME = 255;
// No path of any system may be hidden in a name: separators, drives and
// streams, controls, and signs that turn the reading direction.
const FORBIDDEN = /[\u0000-\u001f\u007f:*?"<>|\u202a-\u202e\u2066-\u2069]/;

// The folders and the name of a file that a device offers, checked so that
// nothing leaves the folder that the user chose. Undefined: refuse it.
export function safeParts(name: string): string[] | undefined {
  const parts = name.split(/[\\/]/);
  const fine = parts.length <= MAX_DEPTH && parts.every((p) =>
    p !== '' && p !== '.' && p !== '..' && p.length <= MAX_NAME
    && !FORBIDDEN.test(p) && !/[. ]$/.test(p));
  return fine ? parts : undefined;
}
