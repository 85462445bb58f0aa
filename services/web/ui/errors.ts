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
};

export function sentence(error: unknown): string {
  if (!(error instanceof ApiError))
    return error instanceof Error ? error.message : String(error);
  if (error.status === 0)
    return t('error.unreachable');
  const known = SENTENCES[error.message];
  if (known)
    return t(known);
  const named = /^(Invalid format|Missing|Does not exist): (.+)$/
    .exec(error.message);
  if (named)
    return t(named[1] === 'Missing' ? 'api.missingValue'
      : named[1] === 'Invalid format' ? 'api.invalid' : 'api.notExist',
    { name: named[2]! });
  return error.message || t('error.other');
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
