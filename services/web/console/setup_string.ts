// How a client is told about this server.

export interface Server {
  host: string;
  relay: string;
  api: string;
  key: string;
}

// JSON, base64 for URLs without padding, reversed: what clients import,
// scan, and take as the argument of --config.
export function configString(s: Server): string {
  const bytes = new TextEncoder().encode(JSON.stringify(s));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-')
    .replaceAll('/', '_').replace(/=+$/, '').split('').reverse().join('');
}

// The trailing comma keeps " (1)", which Windows adds to a second download,
// out of the last value.
export function windowsName(s: Server): string {
  const relay = s.relay ? `,relay=${s.relay}` : '';
  return `rustdesk-host=${s.host},key=${s.key},api=${s.api}${relay},.exe`;
}

export type System = 'windows' | 'macos' | 'linux' | 'android';

const PROGRAM: Record<Exclude<System, 'android'>, string> = {
  windows: '"C:\\Program Files\\RustDesk\\rustdesk.exe"',
  macos: 'sudo /Applications/RustDesk.app/Contents/MacOS/RustDesk',
  linux: 'sudo rustdesk',
};

export function command(
  system: Exclude<System, 'android'>, argument: string,
): string {
  return `${PROGRAM[system]} ${argument}`;
}

// Android's own shell opens the link with the app, as a tap on it does.
export function byCable(config: string): string {
  return 'adb shell am start -a android.intent.action.VIEW '
    + `-d rustdesk://config/${config}`;
}
