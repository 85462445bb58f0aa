// Passkeys: what the api wants of the browser, and what it answers. The api
// writes bytes in base64url, the browser takes and gives buffers.
import { api } from '../ui/http';
import { feature } from './session';
import { t } from './texts';

interface Described {
  type: 'public-key';
  id: string;
}

interface Creation {
  challenge: string;
  rp: PublicKeyCredentialRpEntity;
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  excludeCredentials: Described[];
  authenticatorSelection: AuthenticatorSelectionCriteria;
  attestation: AttestationConveyancePreference;
  timeout: number;
}

interface Request {
  challenge: string;
  rpId: string;
  allowCredentials: Described[];
  userVerification: UserVerificationRequirement;
  timeout: number;
}

export type Proof = Record<
  'id' | 'clientDataJSON' | 'authenticatorData' | 'signature' | 'userHandle',
  string>;

export const passkeysWork = () =>
  feature('passkeys') && typeof PublicKeyCredential !== 'undefined';

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer | null): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const described = (list: readonly Described[]) =>
  list.map((d) => ({ type: d.type, id: bytes(d.id) }));

// Browsers say why in their own words, or on purpose not at all.
async function asked<T>(ask: Promise<Credential | null>): Promise<T> {
  let made: Credential | null;
  try {
    made = await ask;
  } catch (e) {
    throw new Error(t(e instanceof DOMException
      && e.name === 'InvalidStateError' ? 'passkey.there' : 'passkey.none'));
  }
  if (!made)
    throw new Error(t('passkey.none'));
  return made as T;
}

export async function makePasskey(name: string): Promise<void> {
  const o = await api.post<Creation>('/api/web/passkeys/begin');
  const made = await asked<PublicKeyCredential>(navigator.credentials.create({
    publicKey: {
      ...o, challenge: bytes(o.challenge),
      user: { ...o.user, id: bytes(o.user.id) },
      excludeCredentials: described(o.excludeCredentials),
    } }));
  const r = made.response as AuthenticatorAttestationResponse;
  await api.post('/api/web/passkeys', {
    name, clientDataJSON: text(r.clientDataJSON),
    attestationObject: text(r.attestationObject),
  });
}

// SECRET: of the second step of a sign-in, for that account's passkeys.
// SIGNAL: nobody waits for it any more.
export async function usePasskey({ secret, signal }: {
  secret?: string; signal?: AbortSignal;
} = {}): Promise<Proof> {
  const o = await api.post<Request>('/api/web/passkey/challenge',
    secret === undefined ? {} : { secret }, { quiet: true });
  const made = await asked<PublicKeyCredential>(navigator.credentials.get({
    publicKey: {
      ...o, challenge: bytes(o.challenge),
      allowCredentials: described(o.allowCredentials),
    },
    ...(signal ? { signal } : {}) }));
  const r = made.response as AuthenticatorAssertionResponse;
  return {
    id: made.id, clientDataJSON: text(r.clientDataJSON),
    authenticatorData: text(r.authenticatorData),
    signature: text(r.signature), userHandle: text(r.userHandle),
  };
}
