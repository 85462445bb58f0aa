// The client's settings that a strategy can fix, with their meaning. Their
// names are the client's; values are texts ("Y", "N", a word, a number).

export type OptionKind = 'switch' | 'choice' | 'number' | 'text';

export interface OptionOf {
  name: string;
  kind: OptionKind;
  byDefault: string; // what the client does without it
  values?: readonly string[];
}

export interface OptionGroup {
  id: 'permissions' | 'security' | 'sign' | 'network' | 'recording' | 'display'
    | 'hide';
  options: readonly OptionOf[];
}

const on = (name: string): OptionOf => ({ name, kind: 'switch', byDefault: 'Y' });
const off = (name: string): OptionOf =>
  ({ name, kind: 'switch', byDefault: 'N' });

export const OPTION_GROUPS: readonly OptionGroup[] = [
  { id: 'permissions', options: [
    { name: 'access-mode', kind: 'choice', byDefault: 'custom',
      values: ['custom', 'full', 'view'] },
    on('enable-keyboard'), on('enable-clipboard'), on('enable-file-transfer'),
    on('enable-camera'), on('enable-terminal'), on('enable-remote-printer'),
    on('enable-audio'), on('enable-tunnel'), on('enable-remote-restart'),
    on('enable-record-session'), on('enable-block-input'),
    on('enable-privacy-mode'), off('allow-remote-config-modification'),
  ] },
  { id: 'sign', options: [
    { name: 'approve-mode', kind: 'choice', byDefault: 'password-click',
      values: ['password-click', 'password', 'click'] },
    { name: 'verification-method', kind: 'choice',
      byDefault: 'use-both-passwords', values: ['use-both-passwords',
        'use-permanent-password', 'use-temporary-password'] },
    { name: 'temporary-password-length', kind: 'choice', byDefault: '6',
      values: ['6', '8', '10'] },
    off('allow-only-conn-window-open'),
    off('enable-trusted-devices'),
  ] },
  { id: 'security', options: [
    { name: 'whitelist', kind: 'text', byDefault: '' },
    { name: 'id-whitelist', kind: 'text', byDefault: '' },
    on('enable-lan-discovery'), off('direct-server'),
    { name: 'direct-access-port', kind: 'number', byDefault: '21118' },
    off('allow-auto-disconnect'),
    { name: 'auto-disconnect-timeout', kind: 'number', byDefault: '10' },
    off('disable-change-id'), off('disable-change-permanent-password'),
    off('disable-unlock-pin'),
  ] },
  { id: 'network', options: [
    { name: 'relay-server', kind: 'text', byDefault: '' },
    off('allow-websocket'), off('disable-udp'), on('enable-udp-punch'),
    on('enable-ipv6-punch'), off('allow-auto-update'),
    { name: 'proxy-url', kind: 'text', byDefault: '' },
  ] },
  { id: 'recording', options: [
    off('allow-auto-record-incoming'),
    { name: 'video-save-directory', kind: 'text', byDefault: '' },
  ] },
  { id: 'display', options: [
    off('allow-remove-wallpaper'), on('enable-hwcodec'), on('enable-abr'),
    off('allow-linux-headless'), off('hide-tray'),
  ] },
  { id: 'hide', options: [
    off('hide-security-settings'), off('hide-network-settings'),
    off('hide-server-settings'), off('hide-proxy-settings'),
    off('hide-websocket-settings'),
  ] },
];

const KNOWN = new Set(OPTION_GROUPS.flatMap((g) =>
  g.options.map((o) => o.name)));

export const isKnown = (name: string) => KNOWN.has(name);
