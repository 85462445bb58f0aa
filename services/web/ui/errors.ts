// What went wrong in the reader's words. The API speaks English to scripts;
// the sentences that people meet are translated here, others are shown.
import { ApiError } from './http';
import { t, type UiKey } from './texts';

const SENTENCES: Record<string, UiKey> = {
  'Wrong credentials': 'api.wrong',
  'The passkey was refused': 'api.passkey',
  'Passkeys do not work at this address': 'api.passkeyNotHere',
  'Remove one of the passkeys first': 'api.passkeysFull',
  'This passkey is known already': 'api.passkeyKnown',
  'Too frequent': 'api.frequent',
  'The account is disabled': 'api.disabled',
  'User already exists': 'api.userExists',
  'Group already exists': 'api.groupExists',
  'Role already exists': 'api.roleExists',
  'Strategy already exists': 'api.strategyExists',
  'An address book with this name exists': 'api.bookExists',
  'Email already in use': 'api.emailUsed',
  'The password needs 8 characters': 'api.password8',
  'The password is too long': 'api.passwordLong',
  'The verification code is incorrect or has expired': 'api.code',
  'wrong-2fa-code': 'api.code',
  'Permission denied': 'api.denied',
  'Not found': 'api.notFound',
  'Disable the user first': 'api.disableUser',
  'Disable the device first': 'api.disableDevice',
  'The device is online': 'api.online',
  'Move the devices first': 'api.moveDevices',
  'Move the members first': 'api.moveMembers',
  'You cannot demote yourself': 'api.demote',
  'You cannot disable yourself': 'api.disableSelf',
  'SMTP is not set up': 'api.mailOff',
  'Changed by someone else, try again': 'api.changed',
  'exceed_max_devices': 'api.full',
  'The invitation has expired': 'api.inviteOld',
  'Start the set-up again': 'api.setupAgain',
  'Your administrator requires it': 'api.required2fa',
  'Another change of many is under way': 'api.underWay',
  'Somebody has changed it since': 'api.changedSince',
  'What it was does not exist any more': 'api.wasGone',
  'Another device has its ID now': 'api.idTaken',
  'Device is not registered yet': 'api.notRegistered',
  "Assign the user's devices to somebody else first": 'api.moveDevices',
  'User group does not exist': 'api.noUserGroup',
  'Too many exports at once': 'api.exports',
  'A personal address book has no passwords': 'api.noBookPasswords',
  'The address book has too many tags': 'api.manyTags',
  'The file is empty': 'api.fileEmpty',
  'This is banned already': 'api.banned',
  'Too many bans': 'api.bansFull',
  'Your address is banned': 'api.bannedYou',
  "This would ban the server's own loopback address": 'api.banLoopback',
  'This would ban a proxy of TRUSTED_PROXIES': 'api.banProxy',
  'This would ban the address that you come from': 'api.banSelf',
  'You have too many guest links: remove one first': 'api.manyLinks',
  'The server has too many guest links': 'api.fullOfLinks',
  'The identity provider does not answer': 'api.providerSilent',
  "The provider's discovery document is incomplete": 'api.providerPartial',
  'no such user': 'api.noSuchUser',
  'it did not answer lately': 'api.directorySilent',
};

// The field of a form that a sentence of the API is about.
const FIELDS: Record<string, string> = {
  'User already exists': 'name',
  'Group already exists': 'name',
  'Role already exists': 'name',
  'Strategy already exists': 'name',
  'An address book with this name exists': 'name',
  'Email already in use': 'email',
  'The password needs 8 characters': 'password',
  'The password is too long': 'password',
  'wrong-2fa-code': 'code',
  'The verification code is incorrect or has expired': 'code',
  'User group does not exist': 'group_name',
  'SMTP is not set up': 'email',
  "This would ban the server's own loopback address": 'address',
  'This would ban a proxy of TRUSTED_PROXIES': 'address',
  'This would ban the address that you come from': 'address',
};

// Sentences that name what they are about: its words are name, n, most.
const PATTERNS: readonly [RegExp, UiKey][] = [
  [/^Invalid format: address is neither/, 'api.banAddress'],
  [/^Invalid format: (?<name>.+)$/, 'api.invalid'],
  [/^Missing: (?<name>.+)$/, 'api.missingValue'],
  [/^Does not exist: (?<name>.+)$/, 'api.notExist'],
  [/^(?<n>\d+) (?:devices|users) match, (?<most>\d+) are the most$/,
    'api.tooMany'],
  [/^More than (?<most>\d+) rows$/, 'api.tooManyRows'],
  [/^Still online: (?<name>.+)$/, 'api.stillOnline'],
  [/^More than (?<most>\d+) entries of address books would change$/,
    'api.tooManyEntries'],
  [/^You may not reach device (?<id>.+) yourself$/, 'api.notReached'],
  [/^Unknown column: (?<name>.+)$/, 'api.unknownColumn'],
  [/^Missing column: (?<name>.+)$/, 'api.missingColumn'],
  [/^Lines (?<first>\d+) and (?<second>\d+) have the same (?<name>.+)$/,
    'api.sameRow'],
  [/^Too long: (?<name>[^,]+)/, 'api.tooLong'],
  [/^The provider calls itself "(?<name>.+)", the setting "issuer" says/,
    'api.providerOther'],
];

// A sentence of the API in the reader's language, where it is known.
export function worded(text: string): string {
  const known = SENTENCES[text];
  if (known)
    return t(known);
  for (const [pattern, key] of PATTERNS) {
    const found = pattern.exec(text);
    if (found)
      return t(key, found.groups ?? {});
  }
  return text || t('error.other');
}

export function sentence(error: unknown): string {
  if (!(error instanceof ApiError))
    return error instanceof Error ? error.message : String(error);
  return error.status === 0 ? t('error.unreachable') : worded(error.message);
}

export function fieldOf(error: unknown): string | undefined {
  return error instanceof ApiError
    ? FIELDS[error.message] ?? error.field : undefined;
}

export interface Explained {
  title: string;
  text: string;
}

export function explain(error: ApiError): Explained {
  switch (error.status) {
    case 0:
      return { title: t('error.unreachable'),
        text: t('error.unreachable.text') };
    case 403:
      return { title: t('error.forbidden'), text: t('error.forbidden.text') };
    case 404:
      return { title: t('error.missing'), text: t('error.missing.text') };
    case 409:
    case 412:
      return { title: t('error.conflict'), text: t('error.conflict.text') };
    case 429:
      return { title: t('error.frequent'), text: t('error.frequent.text') };
    case 502:
    case 503:
    case 504:
      return { title: t('error.busy'), text: t('error.busy.text') };
    default:
      return { title: t('error.other'), text: sentence(error) };
  }
}
