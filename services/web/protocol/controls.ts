// Messages that are one value each: what the toolbar and the menus say to a
// device. Each returns what to send.
import type { Option, Outgoing } from './message.js';

// BoolOption: 0 leaves a setting as it is.
export const YES = 2;
export const NO = 1;
export const flag = (on: boolean): number => (on ? YES : NO);

export type Quality = 'low' | 'balanced' | 'best';
const QUALITY: Readonly<Record<Quality, number>> = {
  low: 2, balanced: 3, best: 4,
};

export const quality = (q: Quality): Option => ({ imageQuality: QUALITY[q] });

// PERCENT of the device's own measure, 10 to 2000.
export const customQuality = (percent: number): Option => ({
  customImageQuality: Math.min(2000, Math.max(10, Math.round(percent))) << 8,
});

export const frameRate = (fps: number): Option =>
  ({ customFps: Math.min(120, Math.max(1, Math.round(fps))) });

// Looking without touching, and back.
export const viewOnly = (on: boolean): Option => ({
  disableKeyboard: flag(on), disableClipboard: flag(on),
  showRemoteCursor: flag(on), enableFileTransfer: flag(!on),
  lockAfterSessionEnd: on ? NO : 0,
});

export const option = (o: Option): Outgoing => ({ misc: { option: o } });

export const refreshAll = (): Outgoing => ({ misc: { refreshVideo: true } });
export const refresh = (display: number): Outgoing =>
  ({ misc: { refreshVideoDisplay: display } });

// One display: older devices know the first message only.
export const showDisplay = (display: number): Outgoing[] => [
  { misc: { switchDisplay: { display } } },
  { misc: { captureDisplays: { set: [display] } } },
];
export const showDisplays = (set: readonly number[]): Outgoing =>
  ({ misc: { captureDisplays: { set } } });

export const changeResolution = (display: number, width: number,
  height: number): Outgoing => ({
  misc: { changeDisplayResolution: { display, resolution: { width, height } } },
});

export const virtualDisplay = (display: number, on: boolean): Outgoing =>
  ({ misc: { toggleVirtualDisplay: { display, on } } });

export const privacyMode = (implKey: string, on: boolean): Outgoing =>
  ({ misc: { togglePrivacyMode: { implKey, on } } });

export const blockInput = (on: boolean): Outgoing =>
  option({ blockInput: flag(on) });

export const restart = (): Outgoing =>
  ({ misc: { restartRemoteDevice: true } });

export const chat = (text: string): Outgoing =>
  ({ misc: { chatMessage: { text } } });

export const closing = (): Outgoing => ({ misc: { closeReason: '' } });

export const recording = (on: boolean): Outgoing =>
  ({ misc: { clientRecordStatus: on } });

export const elevate = (logon?: { username: string; password: string }):
Outgoing => ({
  misc: { elevationRequest: logon ? { logon } : { direct: true } },
});

export const voiceCall = (now: number, isConnect: boolean): Outgoing =>
  ({ voiceCallRequest: { reqTimestamp: BigInt(now), isConnect } });

export const screenshot = (display: number, sid: string): Outgoing =>
  ({ screenshotRequest: { display, sid } });

// --- back_notification -------------------------------------------------------

export type Privacy = 'on-by-other' | 'unsupported' | 'on' | 'denied'
  | 'no-plugin' | 'failed' | 'off' | 'off-there' | 'off-failed'
  | 'off-unknown';
const PRIVACY: readonly (Privacy | undefined)[] = [
  undefined, undefined, 'on-by-other', 'unsupported', 'on', 'denied',
  'no-plugin', 'failed', 'off', 'off-there', 'off-failed', 'off-unknown',
];
export const privacyState = (n: number): Privacy | undefined => PRIVACY[n];

export type Blocked = 'on' | 'on-failed' | 'off' | 'off-failed';
const BLOCKED: readonly (Blocked | undefined)[] = [
  undefined, undefined, 'on', 'on-failed', 'off', 'off-failed',
];
export const blockState = (n: number): Blocked | undefined => BLOCKED[n];
