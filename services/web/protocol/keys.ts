// Positions of keys: from the browser's `KeyboardEvent.code` to what each
// platform calls the same position. Windows: set-1 scan code (hexadecimal, an
// extended one has e0 as high byte); Linux: X11 key code; Mac: virtual key
// code. A dash: the platform has no such key.

const TABLE = `
AltLeft 38 64 58
Space 39 65 49
IntlYen 7d 132 93
AltRight e038 108 61
Tab f 23 48
KanaMode 70 101 -
Backspace e 22 51
PrintScreen e037 107 -
KeyZ 2c 52 6
CapsLock 3a 66 57
ScrollLock 46 78 -
KeyX 2d 53 7
ControlLeft 1d 37 59
NumLock 45 77 71
KeyC 2e 54 8
ControlRight e01d 105 62
Backquote 29 49 50
KeyV 2f 55 9
Delete e053 119 117
Digit1 2 10 18
KeyB 30 56 11
ArrowUp e048 111 126
Digit2 3 11 19
KeyN 31 57 45
ArrowDown e050 116 125
Digit3 4 12 20
KeyM 32 58 46
ArrowLeft e04b 113 123
Digit4 5 13 21
Comma 33 59 43
ArrowRight e04d 114 124
Digit5 6 14 23
Period 34 60 47
End e04f 115 119
Digit6 7 15 22
Slash 35 61 44
Escape 1 9 53
Digit7 8 16 26
Insert e052 118 114
F1 3b 67 122
Digit8 9 17 28
NumpadSubtract 4a 82 78
F2 3c 68 120
Digit9 a 18 25
NumpadAdd 4e 86 69
F3 3d 69 99
Digit0 b 19 29
NumpadMultiply 37 63 67
F4 3e 70 118
Minus c 20 27
NumpadDivide e035 106 75
F5 3f 71 96
Equal d 21 24
NumpadDecimal 53 91 65
F6 40 72 97
KeyQ 10 24 12
NumpadEnter e01c 104 76
F7 41 73 98
KeyW 11 25 13
NumpadEqual 59 125 81
F8 42 74 100
KeyE 12 26 14
NumpadComma 7e 129 95
F9 43 75 101
KeyR 13 27 15
Numpad0 52 90 82
F10 44 76 109
KeyT 14 28 17
Numpad1 4f 87 83
F11 57 95 103
KeyY 15 29 16
Numpad2 50 88 84
F12 58 96 111
KeyU 16 30 32
Numpad3 51 89 85
F13 64 191 105
KeyI 17 31 34
Numpad4 4b 83 86
F14 65 192 107
KeyO 18 32 31
Numpad5 4c 84 87
F15 66 193 113
KeyP 19 33 35
Numpad6 4d 85 88
F16 67 194 106
BracketLeft 1a 34 33
Numpad7 47 79 89
F17 68 195 64
BracketRight 1b 35 30
Numpad8 48 80 91
F18 69 196 79
Backslash 2b 51 42
Numpad9 49 81 92
F19 6a 197 80
KeyA 1e 38 0
MetaRight e05c 134 54
F20 6b 198 90
KeyS 1f 39 1
ContextMenu e05d 135 110
F21 6c 199 -
KeyD 20 40 2
AudioVolumeUp e030 123 72
F22 6d 200 -
KeyF 21 41 3
AudioVolumeDown e02e 122 73
F23 6e 201 -
KeyG 22 42 5
AudioVolumeMute e020 121 74
F24 76 202 -
KeyH 23 43 4
NonConvert 7b 102 -
Home e047 110 115
KeyJ 24 44 38
Convert 79 100 -
MetaLeft e05b 133 55
KeyK 25 45 40
Lang1 f2 130 104
PageDown e051 117 121
KeyL 26 46 37
Lang2 f1 131 102
PageUp e049 112 116
Semicolon 27 47 41
Lang3 78 98 -
Enter 1c 36 36
Quote 28 48 39
Lang4 77 99 -
ShiftLeft 2a 50 56
IntlBackslash 56 94 10
Lang5 76 93 -
ShiftRight 36 62 60
IntlRo 73 97 94
`;

export type KeyPlatform = 'Windows' | 'Linux' | 'Mac OS';

const COLUMN: Readonly<Record<KeyPlatform, number>> = {
  'Windows': 1, 'Linux': 2, 'Mac OS': 3,
};

const rows = new Map(TABLE.trim().split('\n').map((line) => {
  const row = line.split(' ');
  return [row[0] ?? '', row];
}));

// ISO keyboards of Apple have these two in each other's place.
const SWAPPED: Readonly<Record<string, string>> = {
  Backquote: 'IntlBackslash', IntlBackslash: 'Backquote',
};

// The code of the key CODE on a device of PLATFORM; `iso`: the user's
// keyboard is an ISO one of Apple. Undefined for a key it does not have.
export function positionCode(platform: KeyPlatform, code: string,
  iso = false): number | undefined {
  const name = iso && platform === 'Mac OS' ? SWAPPED[code] ?? code : code;
  const text = rows.get(name)?.[COLUMN[platform]];
  return text === undefined || text === '-' ? undefined
    : parseInt(text, platform === 'Windows' ? 16 : 10);
}

// --- named keys of the old way ----------------------------------------------

export const CONTROL_KEY = {
  Alt: 1, Backspace: 2, CapsLock: 3, Control: 4, Delete: 5, DownArrow: 6,
  End: 7, Escape: 8, F1: 9, F10: 10, F11: 11, F12: 12, F2: 13, F3: 14,
  F4: 15, F5: 16, F6: 17, F7: 18, F8: 19, F9: 20, Home: 21, LeftArrow: 22,
  Meta: 23, PageDown: 25, PageUp: 26, Return: 27, RightArrow: 28, Shift: 29,
  Space: 30, Tab: 31, UpArrow: 32, Pause: 46, Snapshot: 57, Insert: 58,
  Scroll: 62, NumLock: 63, RWin: 64, Apps: 65, NumpadEnter: 72, RShift: 73,
  RControl: 74, RAlt: 75, VolumeMute: 76, VolumeUp: 77, VolumeDown: 78,
  CtrlAltDel: 100, LockScreen: 101,
} as const;
export type ControlKey = keyof typeof CONTROL_KEY;

const NAMED: Readonly<Record<string, ControlKey>> = {
  AltLeft: 'Alt', AltRight: 'RAlt', Backspace: 'Backspace',
  CapsLock: 'CapsLock', ControlLeft: 'Control', ControlRight: 'RControl',
  Delete: 'Delete', ArrowDown: 'DownArrow', End: 'End', Escape: 'Escape',
  Home: 'Home', ArrowLeft: 'LeftArrow', MetaLeft: 'Meta',
  MetaRight: 'RWin', PageDown: 'PageDown', PageUp: 'PageUp',
  Enter: 'Return', ArrowRight: 'RightArrow', ShiftLeft: 'Shift',
  ShiftRight: 'RShift', Space: 'Space', Tab: 'Tab', ArrowUp: 'UpArrow',
  Pause: 'Pause', PrintScreen: 'Snapshot', Insert: 'Insert',
  ScrollLock: 'Scroll', NumLock: 'NumLock', ContextMenu: 'Apps',
  NumpadEnter: 'NumpadEnter', AudioVolumeMute: 'VolumeMute',
  AudioVolumeUp: 'VolumeUp', AudioVolumeDown: 'VolumeDown',
  F1: 'F1', F2: 'F2', F3: 'F3', F4: 'F4', F5: 'F5', F6: 'F6', F7: 'F7',
  F8: 'F8', F9: 'F9', F10: 'F10', F11: 'F11', F12: 'F12',
};

export const namedKey = (code: string): number | undefined => {
  const name = Object.hasOwn(NAMED, code) ? NAMED[code] : undefined;
  return name === undefined ? undefined : CONTROL_KEY[name];
};
