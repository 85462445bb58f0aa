// Protobuf by tables. A message type is a plain object of fields, from which
// come its TypeScript types, its encoder and its decoder. Decoding never
// trusts: unknown fields are skipped, lists are bounded, a message nested in
// a record is bounded by that record.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export class WireError extends Error {}

type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'sint32' | 'uint32'
  | 'int64' | 'uint64' | 'double';

// T is what a decoded message holds, I what an encoder takes.
export interface Field<T, I> {
  readonly no: number;
  readonly kind: Scalar | 'message';
  readonly of?: Type<Fields>;
  readonly list?: number;     // the most elements
  readonly member?: boolean;  // of a oneof: absent is undefined, 0 is written
  readonly decoded?: T;       // types only
  readonly given?: I;
}
export type Fields = Readonly<Record<string, Field<unknown, unknown>>>;
export interface Type<F extends Fields> {
  readonly fields: F;
  readonly byNo: ReadonlyMap<number, string>;
}

type Value<F> = F extends Field<infer T, unknown> ? T : never;
type Given<F> = F extends Field<unknown, infer I> ? I : never;
export type Decoded<T> = T extends Type<infer F>
  ? { [K in keyof F]: Value<F[K]> } : never;
export type Init<T> = T extends Type<infer F>
  ? { [K in keyof F]?: Given<F[K]> | undefined } : never;

type Native<K extends Scalar> = K extends 'string' ? string
  : K extends 'bytes' ? Uint8Array
    : K extends 'bool' ? boolean
      : K extends 'int64' | 'uint64' ? bigint : number;

const DEFAULTS: Readonly<Record<Scalar, unknown>> = {
  string: '', bytes: new Uint8Array(0), bool: false, int32: 0, sint32: 0,
  uint32: 0, int64: 0n, uint64: 0n, double: 0,
};

export function type<F extends Fields>(fields: F): Type<F> {
  const byNo = new Map(Object.entries(fields).map(([k, f]) => [f.no, k]));
  return { fields, byNo };
}

// One value that is its default when absent.
export const one = <K extends Scalar>(no: number, kind: K):
Field<Native<K>, Native<K>> => ({ no, kind });

// A member of a oneof: undefined when absent, written even when default.
export const opt = <K extends Scalar>(no: number, kind: K):
Field<Native<K> | undefined, Native<K>> => ({ no, kind, member: true });

export const many = <K extends Scalar>(no: number, kind: K, list = 4096):
Field<readonly Native<K>[], readonly Native<K>[]> => ({ no, kind, list });

export const sub = <F extends Fields>(no: number, of: Type<F>):
Field<Decoded<Type<F>> | undefined, Init<Type<F>>> =>
  ({ no, kind: 'message', of: of as unknown as Type<Fields>, member: true });

export const subs = <F extends Fields>(no: number, of: Type<F>, list = 4096):
Field<readonly Decoded<Type<F>>[], readonly Init<Type<F>>[]> =>
  ({ no, kind: 'message', of: of as unknown as Type<Fields>, list });

const WIRE: Readonly<Record<Scalar | 'message', WireType>> = {
  string: WireType.LengthDelimited, bytes: WireType.LengthDelimited,
  message: WireType.LengthDelimited, bool: WireType.Varint,
  int32: WireType.Varint, sint32: WireType.Varint, uint32: WireType.Varint,
  int64: WireType.Varint, uint64: WireType.Varint, double: WireType.Bit64,
};

// --- encoding ---------------------------------------------------------------

function isDefault(kind: Scalar, value: unknown): boolean {
  return kind === 'bytes' ? (value as Uint8Array).length === 0
    : value === DEFAULTS[kind];
}

function writeScalar(w: BinaryWriter, kind: Scalar, v: unknown): void {
  switch (kind) {
    case 'string': w.string(v as string); break;
    case 'bytes': w.bytes(v as Uint8Array); break;
    case 'bool': w.bool(v as boolean); break;
    case 'int32': w.int32(v as number); break;
    case 'sint32': w.sint32(v as number); break;
    case 'uint32': w.uint32(v as number); break;
    case 'int64': w.int64(v as bigint); break;
    case 'uint64': w.uint64(v as bigint); break;
    case 'double': w.double(v as number); break;
  }
}

function writeList(w: BinaryWriter, f: Field<unknown, unknown>,
  list: readonly unknown[]): void {
  const { kind } = f;
  if (list.length === 0)
    return;
  if (WIRE[kind] === WireType.LengthDelimited) {
    for (const v of list)
      writeValue(w, f, v);
    return;
  }
  w.tag(f.no, WireType.LengthDelimited).fork();
  for (const v of list)
    writeScalar(w, kind as Scalar, v);
  w.join();
}

function writeValue(w: BinaryWriter, f: Field<unknown, unknown>,
  v: unknown): void {
  w.tag(f.no, WIRE[f.kind]);
  if (f.kind === 'message') {
    w.fork();
    writeMessage(w, f.of as Type<Fields>, v as Record<string, unknown>);
    w.join();
  } else {
    writeScalar(w, f.kind, v);
  }
}

function writeMessage(w: BinaryWriter, t: Type<Fields>,
  message: Readonly<Record<string, unknown>>): void {
  for (const name in t.fields) {
    const f = t.fields[name] as Field<unknown, unknown>;
    const v = message[name];
    if (v === undefined)
      continue;
    if (f.list !== undefined)
      writeList(w, f, v as readonly unknown[]);
    else if (f.member || !isDefault(f.kind as Scalar, v))
      writeValue(w, f, v);
  }
}

export function encode<F extends Fields>(t: Type<F>, message: Init<Type<F>>):
Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  writeMessage(w, t as unknown as Type<Fields>, message);
  return w.finish();
}

// --- decoding ---------------------------------------------------------------

function readScalar(r: BinaryReader, kind: Scalar): unknown {
  switch (kind) {
    case 'string': return r.string();
    case 'bytes': return r.bytes();
    case 'bool': return r.bool();
    case 'int32': return r.int32();
    case 'sint32': return r.sint32();
    case 'uint32': return r.uint32();
    case 'int64': return BigInt(r.int64());
    case 'uint64': return BigInt(r.uint64());
    case 'double': return r.double();
  }
}

function readValue(r: BinaryReader, f: Field<unknown, unknown>): unknown {
  return f.kind === 'message'
    ? readMessage(r.bytes(), f.of as Type<Fields>) : readScalar(r, f.kind);
}

function readList(r: BinaryReader, f: Field<unknown, unknown>, wire: WireType,
  list: unknown[]): void {
  const packed = wire === WireType.LengthDelimited
    && WIRE[f.kind] !== WireType.LengthDelimited;
  const from = packed ? new BinaryReader(r.bytes()) : r;
  do {
    if (packed && from.pos >= from.len)
      return;
    if (list.length >= (f.list ?? 0))
      throw new WireError(`more than ${f.list} elements in field ${f.no}`);
    list.push(readValue(from, f));
  } while (packed);
}

function empty(t: Type<Fields>): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const name in t.fields) {
    const f = t.fields[name] as Field<unknown, unknown>;
    message[name] = f.list !== undefined ? []
      : f.member ? undefined : DEFAULTS[f.kind as Scalar];
  }
  return message;
}

function readMessage(bytes: Uint8Array, t: Type<Fields>):
Record<string, unknown> {
  const r = new BinaryReader(bytes);
  const message = empty(t);
  while (r.pos < r.len) {
    const [no, wire] = r.tag();
    const name = t.byNo.get(no);
    const f = name === undefined ? undefined : t.fields[name];
    if (name === undefined || f === undefined)
      r.skip(wire, no);
    else if (f.list !== undefined)
      readList(r, f, wire, message[name] as unknown[]);
    else if (wire === WIRE[f.kind])
      message[name] = readValue(r, f);
    else
      r.skip(wire, no);
  }
  return message;
}

// Throws WireError on anything that is not this message.
export function decode<F extends Fields>(t: Type<F>, bytes: Uint8Array):
Decoded<Type<F>> {
  try {
    return readMessage(bytes, t as unknown as Type<Fields>) as
      Decoded<Type<F>>;
  } catch (e) {
    throw e instanceof WireError ? e
      : new WireError(e instanceof Error ? e.message : String(e));
  }
}
