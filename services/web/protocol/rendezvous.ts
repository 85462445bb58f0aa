// What a controller says to the ID server and to the relay.
import { sdpFingerprint, sealOffer } from './direct.js';
import { decode, encode, many, one, opt, sub, type } from './wire.js';
import type { Decoded } from './wire.js';

export type Scope = 'desktop' | 'files' | 'camera' | 'terminal' | 'tunnel';

// ConnType: policy is decided on it.
export const CONN_TYPE: Readonly<Record<Scope, number>> = {
  desktop: 0, files: 1, tunnel: 2, camera: 4, terminal: 5,
};
const SYMMETRIC = 2;

const PunchHoleRequest = type({
  id: one(1, 'string'), natType: one(2, 'int32'),
  licenceKey: one(3, 'string'), connType: one(4, 'int32'),
  token: one(5, 'string'), version: one(6, 'string'),
  forceRelay: one(8, 'bool'), webrtcSdpOffer: one(12, 'string'),
  framedTunnel: one(1000, 'bool'),  // of our server
});
const PunchHoleResponse = type({
  socketAddr: one(1, 'bytes'), pk: one(2, 'bytes'),
  failure: one(3, 'int32'), otherFailure: one(7, 'string'),
  webrtcSdpAnswer: one(12, 'string'),
});
const RequestRelay = type({
  id: one(1, 'string'), uuid: one(2, 'string'),
  licenceKey: one(6, 'string'), connType: one(7, 'int32'),
});
const RelayResponse = type({
  uuid: one(2, 'string'), relayServer: one(3, 'string'), pk: opt(5, 'bytes'),
  refuseReason: one(6, 'string'), version: one(7, 'string'),
  webrtcSdpAnswer: one(12, 'string'),
});
const OnlineRequest = type({
  id: one(1, 'string'), peers: many(2, 'string', 100),
});
const OnlineResponse = type({ states: one(1, 'bytes') });
const IceCandidate = type({
  id: one(1, 'string'), socketAddr: one(2, 'bytes'),
  sessionKey: one(3, 'string'), candidate: one(4, 'string'),
});
export const RendezvousMessage = type({
  punchHoleRequest: sub(8, PunchHoleRequest),
  punchHoleResponse: sub(11, PunchHoleResponse),
  requestRelay: sub(18, RequestRelay), relayResponse: sub(19, RelayResponse),
  onlineRequest: sub(23, OnlineRequest),
  onlineResponse: sub(24, OnlineResponse),
  iceCandidate: sub(29, IceCandidate),
});
export type Rendezvous = Decoded<typeof RendezvousMessage>;

export interface Target {
  readonly id: string;        // as dialled
  readonly scope: Scope;
  readonly serverKey: string; // base64, as clients have it
  readonly token: string;     // access token or ""
  readonly version: string;   // ours
  readonly offer?: string;    // of a direct connection, its SDP
}

export function punchHoleRequest(t: Target): Uint8Array<ArrayBuffer> {
  return encode(RendezvousMessage, {
    punchHoleRequest: {
      id: t.id, natType: SYMMETRIC, licenceKey: t.serverKey,
      connType: CONN_TYPE[t.scope], token: t.token, version: t.version,
      forceRelay: true, framedTunnel: t.scope === 'tunnel',
      ...(t.offer !== undefined && { webrtcSdpOffer: sealOffer(t.offer) }),
    },
  });
}

export function requestRelay(t: Target, uuid: string):
Uint8Array<ArrayBuffer> {
  return encode(RendezvousMessage, {
    requestRelay: {
      id: t.id, uuid, licenceKey: t.serverKey,
      // For a relay this tunnel is like any other session: framed.
      connType: t.scope === 'tunnel' ? 0 : CONN_TYPE[t.scope],
    },
  });
}

// Where we can be reached, for the device: the ID server knows the session by
// the fingerprint of its offer.
export function iceCandidate(t: Target, candidate: string):
Uint8Array<ArrayBuffer> {
  return encode(RendezvousMessage, {
    iceCandidate: {
      id: t.id, sessionKey: sdpFingerprint(t.offer ?? '') ?? '', candidate,
    },
  });
}

export const readRendezvous = (bytes: Uint8Array): Rendezvous =>
  decode(RendezvousMessage, bytes);

export const onlineRequest = (id: string, peers: readonly string[]):
Uint8Array<ArrayBuffer> =>
  encode(RendezvousMessage, { onlineRequest: { id, peers } });

// One bit per peer in the order asked, most significant first.
export function onlineStates(states: Uint8Array, count: number): boolean[] {
  return Array.from({ length: count }, (_, i) =>
    (((states[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) === 1);
}
