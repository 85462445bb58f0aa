// Everything a device and its controller say to each other: the message
// types of the peer protocol that a browser uses. Members that are not for a
// browser (file clipboard, switching sides, plugins) are left out and skipped.
import { decode, encode, many, one, opt, sub, subs, type } from './wire.js';
import type { Decoded, Init } from './wire.js';

// The longest list of files that a device may send.
const MAX_ENTRIES = 200_000;

export const IdPk = type({
  id: one(1, 'string'), pk: one(2, 'bytes'),
  dtlsFingerprint: one(3, 'string'), kxVersion: one(4, 'uint32'),
});

// --- login ------------------------------------------------------------------

const CodecAbility = type({
  vp8: one(1, 'bool'), vp9: one(2, 'bool'), av1: one(3, 'bool'),
  h264: one(4, 'bool'), h265: one(5, 'bool'),
});
const SupportedDecoding = type({
  vp9: one(1, 'int32'), h264: one(2, 'int32'), h265: one(3, 'int32'),
  prefer: one(4, 'int32'), vp8: one(5, 'int32'), av1: one(6, 'int32'),
  i444: sub(7, CodecAbility), preferChroma: one(8, 'int32'),
});
export const OptionMessage = type({
  imageQuality: one(1, 'int32'), lockAfterSessionEnd: one(2, 'int32'),
  showRemoteCursor: one(3, 'int32'), blockInput: one(5, 'int32'),
  customImageQuality: one(6, 'int32'), disableAudio: one(7, 'int32'),
  disableClipboard: one(8, 'int32'), enableFileTransfer: one(9, 'int32'),
  supportedDecoding: sub(10, SupportedDecoding), customFps: one(11, 'int32'),
  disableKeyboard: one(12, 'int32'), followRemoteCursor: one(15, 'int32'),
  followRemoteWindow: one(16, 'int32'), terminalPersistent: one(18, 'int32'),
  showMyCursor: one(19, 'int32'),
});
const FileTransfer = type({ dir: one(1, 'string'), showHidden: one(2, 'bool') });
const PortForward = type({
  host: one(1, 'string'), port: one(2, 'int32'), multiplex: one(3, 'bool'),
});
const Terminal = type({ serviceId: one(1, 'string') });
const OSLogin = type({ username: one(1, 'string'), password: one(2, 'string') });
export const LoginRequest = type({
  username: one(1, 'string'), password: one(2, 'bytes'),
  myId: one(4, 'string'), myName: one(5, 'string'),
  option: sub(6, OptionMessage), fileTransfer: sub(7, FileTransfer),
  portForward: sub(8, PortForward), videoAckRequired: one(9, 'bool'),
  sessionId: one(10, 'uint64'), version: one(11, 'string'),
  osLogin: sub(12, OSLogin), myPlatform: one(13, 'string'),
  hwid: one(14, 'bytes'), viewCamera: sub(15, type({})),
  terminal: sub(16, Terminal), avatar: one(17, 'string'),
});

const Resolution = type({ width: one(1, 'int32'), height: one(2, 'int32') });
const DisplayInfo = type({
  x: one(1, 'sint32'), y: one(2, 'sint32'), width: one(3, 'int32'),
  height: one(4, 'int32'), name: one(5, 'string'), online: one(6, 'bool'),
  cursorEmbedded: one(7, 'bool'), originalResolution: sub(8, Resolution),
  scale: one(9, 'double'),
});
const Features = type({
  privacyMode: one(1, 'bool'), terminal: one(2, 'bool'),
  portForwardMux: one(3, 'bool'),
});
const SupportedEncoding = type({
  h264: one(1, 'bool'), h265: one(2, 'bool'), vp8: one(3, 'bool'),
  av1: one(4, 'bool'), i444: sub(5, CodecAbility),
});
const SupportedResolutions = type({ resolutions: subs(1, Resolution, 512) });
const WindowsSession = type({ sid: one(1, 'uint32'), name: one(2, 'string') });
const WindowsSessions = type({
  sessions: subs(1, WindowsSession, 256), currentSid: one(2, 'uint32'),
});
export const PeerInfo = type({
  username: one(1, 'string'), hostname: one(2, 'string'),
  platform: one(3, 'string'), displays: subs(4, DisplayInfo, 64),
  currentDisplay: one(5, 'int32'), sasEnabled: one(6, 'bool'),
  version: one(7, 'string'), features: sub(9, Features),
  encoding: sub(10, SupportedEncoding),
  resolutions: sub(11, SupportedResolutions),
  platformAdditions: one(12, 'string'),
  windowsSessions: sub(13, WindowsSessions),
});

// --- picture, cursor, input -------------------------------------------------

const EncodedVideoFrame = type({
  data: one(1, 'bytes'), key: one(2, 'bool'), pts: one(3, 'int64'),
});
const EncodedVideoFrames = type({ frames: subs(1, EncodedVideoFrame, 256) });
export const VideoFrame = type({
  vp9s: sub(6, EncodedVideoFrames), h264s: sub(10, EncodedVideoFrames),
  h265s: sub(11, EncodedVideoFrames), vp8s: sub(12, EncodedVideoFrames),
  av1s: sub(13, EncodedVideoFrames), display: one(14, 'int32'),
});
export const CursorData = type({
  id: one(1, 'uint64'), hotx: one(2, 'sint32'), hoty: one(3, 'sint32'),
  width: one(4, 'int32'), height: one(5, 'int32'), colors: one(6, 'bytes'),
});
const CursorPosition = type({ x: one(1, 'sint32'), y: one(2, 'sint32') });
export const MouseEvent = type({
  mask: one(1, 'int32'), x: one(2, 'sint32'), y: one(3, 'sint32'),
  modifiers: many(4, 'int32', 16),
});
export const KeyEvent = type({
  down: one(1, 'bool'), press: one(2, 'bool'), controlKey: opt(3, 'int32'),
  chr: opt(4, 'uint32'), unicode: opt(5, 'uint32'), seq: opt(6, 'string'),
  modifiers: many(8, 'int32', 16), mode: one(9, 'int32'),
});
const Point = type({ x: one(1, 'int32'), y: one(2, 'int32') });
export const TouchEvent = type({
  scaleUpdate: sub(1, type({ scale: one(1, 'int32') })),
  panStart: sub(2, Point), panUpdate: sub(3, Point), panEnd: sub(4, Point),
});
const PointerDeviceEvent = type({
  touchEvent: sub(1, TouchEvent), modifiers: many(2, 'int32', 16),
});

// --- clipboard, files, terminal ---------------------------------------------

export const Clipboard = type({
  compress: one(1, 'bool'), content: one(2, 'bytes'), width: one(3, 'int32'),
  height: one(4, 'int32'), format: one(5, 'int32'),
  specialName: one(6, 'string'),
});
const MultiClipboards = type({ clipboards: subs(1, Clipboard, 32) });

export const FileEntry = type({
  entryType: one(1, 'int32'), name: one(2, 'string'),
  isHidden: one(3, 'bool'), size: one(4, 'uint64'),
  modifiedTime: one(5, 'uint64'),
});
const job = { id: one(1, 'int32'), path: one(2, 'string') };
export const FileAction = type({
  readDir: sub(1, type({
    path: one(1, 'string'), includeHidden: one(2, 'bool'),
  })),
  send: sub(2, type({
    ...job, includeHidden: one(3, 'bool'), fileNum: one(4, 'int32'),
    fileType: one(5, 'int32'),
  })),
  receive: sub(3, type({
    ...job, files: subs(3, FileEntry, MAX_ENTRIES), fileNum: one(4, 'int32'),
    totalSize: one(5, 'uint64'),
  })),
  create: sub(4, type(job)),
  removeDir: sub(5, type({ ...job, recursive: one(3, 'bool') })),
  removeFile: sub(6, type({ ...job, fileNum: one(3, 'sint32') })),
  allFiles: sub(7, type({ ...job, includeHidden: one(3, 'bool') })),
  cancel: sub(8, type({ id: one(1, 'int32') })),
  sendConfirm: sub(9, type({
    id: one(1, 'int32'), fileNum: one(2, 'sint32'), skip: opt(3, 'bool'),
    offsetBlk: opt(4, 'uint32'),
  })),
  rename: sub(10, type({ ...job, newName: one(3, 'string') })),
  readEmptyDirs: sub(11, type({
    path: one(1, 'string'), includeHidden: one(2, 'bool'),
  })),
});
const FileDirectory = type({
  ...job, entries: subs(3, FileEntry, MAX_ENTRIES),
});
const FileDigest = type({
  id: one(1, 'int32'), fileNum: one(2, 'sint32'),
  lastModified: one(3, 'uint64'), fileSize: one(4, 'uint64'),
  isUpload: one(5, 'bool'), isIdentical: one(6, 'bool'),
  transferredSize: one(7, 'uint64'), isResume: one(8, 'bool'),
});
export const FileResponse = type({
  dir: sub(1, FileDirectory),
  block: sub(2, type({
    id: one(1, 'int32'), fileNum: one(2, 'sint32'), data: one(3, 'bytes'),
    compressed: one(4, 'bool'),
  })),
  error: sub(3, type({
    id: one(1, 'int32'), error: one(2, 'string'), fileNum: one(3, 'sint32'),
  })),
  done: sub(4, type({ id: one(1, 'int32'), fileNum: one(2, 'sint32') })),
  digest: sub(5, FileDigest),
  emptyDirs: sub(6, type({
    path: one(1, 'string'), emptyDirs: subs(2, FileDirectory, MAX_ENTRIES),
  })),
});

const terminal = { terminalId: one(1, 'int32') };
const size = { ...terminal, rows: one(2, 'uint32'), cols: one(3, 'uint32') };
const TerminalData = type({
  ...terminal, data: one(2, 'bytes'), compressed: one(3, 'bool'),
});
export const TerminalAction = type({
  open: sub(1, type(size)), data: sub(2, TerminalData),
  resize: sub(3, type(size)), close: sub(4, type(terminal)),
});
export const TerminalResponse = type({
  opened: sub(1, type({
    ...terminal, success: one(2, 'bool'), message: one(3, 'string'),
    pid: one(4, 'uint32'), serviceId: one(5, 'string'),
    persistentSessions: many(6, 'int32', 256),
    replayTerminalOutput: one(7, 'bool'),
  })),
  data: sub(2, TerminalData),
  closed: sub(3, type({ ...terminal, exitCode: one(2, 'int32') })),
  error: sub(4, type({ ...terminal, message: one(2, 'string') })),
});

const channel = { channelId: one(1, 'int32') };
const PortForwardChannel = type({
  open: sub(1, type({
    ...channel, host: one(2, 'string'), port: one(3, 'int32'),
    credit: one(4, 'uint32'),
  })),
  opened: sub(2, type({
    ...channel, success: one(2, 'bool'), message: one(3, 'string'),
    credit: one(4, 'uint32'),
  })),
  data: sub(3, type({ ...channel, data: one(2, 'bytes') })),
  close: sub(4, type(channel)),
  windowUpdate: sub(5, type({ ...channel, add: one(2, 'uint32') })),
});

// --- misc -------------------------------------------------------------------

export const SwitchDisplay = type({
  display: one(1, 'int32'), x: one(2, 'sint32'), y: one(3, 'sint32'),
  width: one(4, 'int32'), height: one(5, 'int32'),
  cursorEmbedded: one(6, 'bool'), resolutions: sub(7, SupportedResolutions),
  originalResolution: sub(8, Resolution),
});
const AudioFormat = type({
  sampleRate: one(1, 'uint32'), channels: one(2, 'uint32'),
});
export const BackNotification = type({
  privacyModeState: opt(1, 'int32'), blockInputState: opt(2, 'int32'),
  details: one(3, 'string'), implKey: one(4, 'string'),
});
export const Misc = type({
  chatMessage: sub(4, type({ text: one(1, 'string') })),
  switchDisplay: sub(5, SwitchDisplay),
  permissionInfo: sub(6, type({
    permission: one(1, 'int32'), enabled: one(2, 'bool'),
  })),
  option: sub(7, OptionMessage), audioFormat: sub(8, AudioFormat),
  closeReason: opt(9, 'string'), refreshVideo: opt(10, 'bool'),
  videoReceived: opt(12, 'bool'), backNotification: sub(13, BackNotification),
  restartRemoteDevice: opt(14, 'bool'), uac: opt(15, 'bool'),
  foregroundWindowElevated: opt(16, 'bool'),
  elevationRequest: sub(18, type({
    direct: opt(1, 'bool'), logon: sub(2, OSLogin),
  })),
  elevationResponse: opt(19, 'string'),
  portableServiceRunning: opt(20, 'bool'),
  clientRecordStatus: opt(29, 'bool'),
  captureDisplays: sub(30, type({
    add: many(1, 'int32', 64), sub: many(2, 'int32', 64),
    set: many(3, 'int32', 64),
  })),
  refreshVideoDisplay: opt(31, 'int32'),
  toggleVirtualDisplay: sub(32, type({
    display: one(1, 'int32'), on: one(2, 'bool'),
  })),
  togglePrivacyMode: sub(33, type({
    implKey: one(1, 'string'), on: one(2, 'bool'),
  })),
  supportedEncoding: sub(34, SupportedEncoding),
  selectedSid: opt(35, 'uint32'),
  changeDisplayResolution: sub(36, type({
    display: one(1, 'int32'), resolution: sub(2, Resolution),
  })),
  messageQuery: sub(37, type({ switchDisplay: one(1, 'int32') })),
  followCurrentDisplay: opt(38, 'int32'),
  requestCursorData: opt(39, 'uint64'),
});

// --- the envelope -----------------------------------------------------------

export const TestDelay = type({
  time: one(1, 'int64'), fromClient: one(2, 'bool'),
  lastDelay: one(3, 'uint32'), targetBitrate: one(4, 'uint32'),
});
export const Message = type({
  signedId: sub(3, type({ id: one(1, 'bytes') })),
  publicKey: sub(4, type({
    asymmetricValue: one(1, 'bytes'), symmetricValue: one(2, 'bytes'),
    kxVersion: one(3, 'uint32'),
  })),
  testDelay: sub(5, TestDelay), videoFrame: sub(6, VideoFrame),
  loginRequest: sub(7, LoginRequest),
  loginResponse: sub(8, type({
    error: opt(1, 'string'), peerInfo: sub(2, PeerInfo),
    enableTrustedDevices: one(3, 'bool'),
  })),
  hash: sub(9, type({ salt: one(1, 'string'), challenge: one(2, 'string') })),
  mouseEvent: sub(10, MouseEvent),
  audioFrame: sub(11, type({ data: one(1, 'bytes') })),
  cursorData: sub(12, CursorData), cursorPosition: sub(13, CursorPosition),
  cursorId: opt(14, 'uint64'), keyEvent: sub(15, KeyEvent),
  clipboard: sub(16, Clipboard), fileAction: sub(17, FileAction),
  fileResponse: sub(18, FileResponse), misc: sub(19, Misc),
  messageBox: sub(21, type({
    msgtype: one(1, 'string'), title: one(2, 'string'),
    text: one(3, 'string'), link: one(4, 'string'),
  })),
  voiceCallRequest: sub(23, type({
    reqTimestamp: one(1, 'int64'), isConnect: one(2, 'bool'),
  })),
  voiceCallResponse: sub(24, type({
    accepted: one(1, 'bool'), reqTimestamp: one(2, 'int64'),
    ackTimestamp: one(3, 'int64'),
  })),
  peerInfo: sub(25, PeerInfo),
  pointerDeviceEvent: sub(26, PointerDeviceEvent),
  auth2fa: sub(27, type({ code: one(1, 'string'), hwid: one(2, 'bytes') })),
  multiClipboards: sub(28, MultiClipboards),
  screenshotRequest: sub(29, type({
    display: one(1, 'int32'), sid: one(2, 'string'),
  })),
  screenshotResponse: sub(30, type({
    sid: one(1, 'string'), msg: one(2, 'string'), data: one(3, 'bytes'),
  })),
  terminalAction: sub(31, TerminalAction),
  terminalResponse: sub(32, TerminalResponse),
  portForwardChannel: sub(33, PortForwardChannel),
});

export type PeerMessage = Decoded<typeof Message>;
export type Outgoing = Init<typeof Message>;
export type PeerInfoMessage = Decoded<typeof PeerInfo>;
export type DisplayInfoMessage = Decoded<typeof DisplayInfo>;
export type MiscMessage = Decoded<typeof Misc>;
export type Option = Init<typeof OptionMessage>;
export type KeyEventInit = Init<typeof KeyEvent>;
export type MouseEventInit = Init<typeof MouseEvent>;
export type ClipboardMessage = Decoded<typeof Clipboard>;
export type VideoFrameMessage = Decoded<typeof VideoFrame>;
export type CursorDataMessage = Decoded<typeof CursorData>;
export type FileResponseMessage = Decoded<typeof FileResponse>;
export type FileActionMessage = Decoded<typeof FileAction>;
export type FileEntryMessage = Decoded<typeof FileEntry>;
export type PortForwardMessage = Decoded<typeof PortForwardChannel>;
export type TerminalResponseMessage = Decoded<typeof TerminalResponse>;

export const encodeMessage = (m: Outgoing): Uint8Array<ArrayBuffer> =>
  encode(Message, m);
export const decodeMessage = (bytes: Uint8Array): PeerMessage =>
  decode(Message, bytes);
