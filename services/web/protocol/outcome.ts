// Why an attempt or a session ended, as a key of the text catalogue. `text`
// is what the server or the device said, shown as it is.

export type OutcomeKey =
  // before anything is asked
  | 'not-loaded'
  // reaching the device
  | 'refused' | 'unknown-id' | 'offline' | 'key-mismatch' | 'overuse'
  | 'direct-only' | 'no-answer' | 'too-old' | 'no-arrival' | 'relay-closed'
  | 'server-closed' | 'identity'
  // logging in
  | 'bad-id' | 'not-allowed' | 'ip-blocked' | 'id-blocked' | 'no-window'
  | 'privacy' | 'too-many' | 'no-files' | 'no-camera' | 'no-terminal'
  | 'no-tunnel' | 'no-mux' | 'only-installed' | 'nobody' | 'tunnel-target'
  | 'wayland-login' | 'capture' | 'wayland-old' | 'portal' | 'device-says'
  | 'login-timeout' | 'no-display'
  // during the session
  | 'disturbed' | 'silent' | 'lost' | 'direct-lost' | 'ended-there'
  | 'inactive' | 'left';

// What may follow: a new attempt by itself, one when the user asks for it,
// or nothing that would help.
export type Again = 'auto' | 'ask' | 'never';

export interface Outcome {
  readonly key: OutcomeKey;
  readonly again: Again;
  readonly text?: string;
}

export function outcome(key: OutcomeKey, again: Again = 'ask', text?: string):
Outcome {
  return text === undefined ? { key, again } : { key, again, text };
}

// --- LoginResponse.error ----------------------------------------------------

export type LoginAnswer =
  | { readonly kind: 'password'; readonly wrong: boolean }
  | { readonly kind: 'code'; readonly wrong: boolean }
  | { readonly kind: 'accept' }       // only somebody there can let us in
  | { readonly kind: 'minute' }       // too many tries, wait a minute
  | { readonly kind: 'end'; readonly outcome: Outcome }
  | { readonly kind: 'warn'; readonly outcome: Outcome }; // stays logged in

const end = (key: OutcomeKey, again: Again = 'ask'): LoginAnswer =>
  ({ kind: 'end', outcome: outcome(key, again) });
const warn = (key: OutcomeKey): LoginAnswer =>
  ({ kind: 'warn', outcome: outcome(key) });

const EXACT: Readonly<Record<string, LoginAnswer>> = {
  'Empty Password': { kind: 'password', wrong: false },
  'Wrong Password': { kind: 'password', wrong: true },
  '2FA Required': { kind: 'code', wrong: false },
  'Wrong 2FA Code': { kind: 'code', wrong: true },
  'No Password Access': { kind: 'accept' },
  'Please try 1 minute later': { kind: 'minute' },
  'Offline': end('bad-id', 'never'),
  'Connection not allowed': end('not-allowed'),
  'Your ip is blocked by the peer': end('ip-blocked'),
  'Your ID is blocked by the peer': end('id-blocked'),
  'The main window is not open': end('no-window'),
  'Someone turns on privacy mode, exit': end('privacy'),
  'Too many wrong attempts': end('too-many'),
  'No permission of file transfer': end('no-files'),
  'No permission of viewing camera': end('no-camera'),
  'No permission of terminal': end('no-terminal'),
  'No permission of IP tunneling': end('no-tunnel'),
  'Supported only in the installed version.': end('only-installed'),
  'No active console user logged on, please connect and logon first.':
    end('nobody'),
  'Wayland login screen is not supported': warn('wayland-login'),
  'ubuntu-21-04-required': warn('wayland-old'),
  'wayland-requires-higher-linux-version': warn('wayland-old'),
  'xdp-portal-unavailable': warn('portal'),
};

export function loginAnswer(error: string): LoginAnswer {
  const exact = Object.hasOwn(EXACT, error) ? EXACT[error] : undefined;
  if (exact !== undefined)
    return exact;
  if (error.startsWith('Too many wrong attempts'))
    return end('too-many');
  if (error.startsWith('Failed to access remote '))
    return { kind: 'end', outcome: outcome('tunnel-target', 'ask', error) };
  if (error.includes('x11 expected')
      || error.startsWith('Unsupported display server type'))
    return { kind: 'warn', outcome: outcome('capture', 'ask', error) };
  return { kind: 'end', outcome: outcome('device-says', 'ask', error) };
}

// Misc.close_reason: somebody or something at the device ended it.
export function closeReason(reason: string): Outcome {
  if (reason === 'Connection failed due to inactivity')
    return outcome('inactive');
  return reason === '' || /manually/i.test(reason)
    ? outcome('ended-there')
    : outcome('device-says', 'ask', reason.slice(0, 500));
}
