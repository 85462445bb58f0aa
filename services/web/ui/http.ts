// Calls to the API. The session is a cookie that script never sees; every
// answer other than 2xx is an ApiError.
import { signal } from '@preact/signals';

// false: the last call did not reach the server, or the server said that it
// cannot answer now.
export const reachable = signal(true);
// Counts answers of 401: whoever holds the session listens.
export const signedOut = signal(0);

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    message: string,
    readonly method: string,
    readonly path: string,
    readonly reference: string,
    readonly retryAfter: number,
    readonly reason = '', // a word for programs, where the answer has one
  ) {
    super(message);
  }

  // The member of the request that is wrong, if the answer names one.
  get field(): string | undefined {
    return /^(?:Invalid format|Missing|Does not exist): ([\w.-]+)$/
      .exec(this.message)?.[1];
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface CallOptions {
  query?: Query;
  ifMatch?: string | undefined;
  signal?: AbortSignal;
  quiet?: boolean; // 401 is an answer, not the end of the session
  range?: string;
}

export function address(path: string, query: Query = {}): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '')
      q.set(name, String(value));
  const text = q.toString();
  return text ? path + (path.includes('?') ? '&' : '?') + text : path;
}

async function ask(
  method: string, path: string, body: unknown, o: CallOptions,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined)
    headers['Content-Type'] = 'application/json';
  if (o.ifMatch)
    headers['If-Match'] = o.ifMatch;
  if (o.range)
    headers['Range'] = o.range;
  try {
    return await fetch(address(path, o.query), {
      method, headers, credentials: 'same-origin', cache: 'no-store',
      body: body === undefined ? null : JSON.stringify(body),
      ...(o.signal ? { signal: o.signal } : {}),
    });
  } catch (e) {
    if ((e as Error).name === 'AbortError')
      throw e;
    reachable.value = false;
    throw new ApiError(0, 'unreachable', method, path, '', 5);
  }
}

function parse(text: string): unknown {
  if (!text)
    return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(data: unknown, name: 'error' | 'reason'): string | undefined {
  const found = typeof data === 'object' && data !== null
    ? (data as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export interface Answer<T> {
  data: T;
  etag: string | undefined;
}

export async function send<T = void>(
  method: string, path: string, body?: unknown, o: CallOptions = {},
): Promise<Answer<T>> {
  const r = await ask(method, path, body, o);
  const data = parse(await r.text());
  const error = textOf(data, 'error');
  reachable.value = r.status !== 503 && r.status !== 502 && r.status !== 504;
  if (r.status === 401 && !o.quiet)
    signedOut.value++;
  // Answers to clients of the protocol carry their error with status 200.
  if (!r.ok || error)
    throw new ApiError(r.ok ? 400 : r.status, error ?? r.statusText, method,
      path, r.headers.get('X-Request-Id') ?? '',
      Number(r.headers.get('Retry-After') ?? 0), textOf(data, 'reason'));
  return { data: data as T, etag: r.headers.get('ETag') ?? undefined };
}

async function only<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await answer).data;
}

export const api = {
  get: <T>(path: string, o?: CallOptions) =>
    only(send<T>('GET', path, undefined, o)),
  post: <T = void>(path: string, body?: unknown, o?: CallOptions) =>
    only(send<T>('POST', path, body, o)),
  put: <T = void>(path: string, body?: unknown, o?: CallOptions) =>
    only(send<T>('PUT', path, body, o)),
  patch: <T = void>(path: string, body?: unknown, o?: CallOptions) =>
    only(send<T>('PATCH', path, body, o)),
  remove: <T = void>(path: string, body?: unknown, o?: CallOptions) =>
    only(send<T>('DELETE', path, body, o)),
};

// Throws what keeps the bytes at PATH from being read.
export async function reads(path: string): Promise<void> {
  await send('GET', path, undefined, { range: 'bytes=0-0' });
}

// One page of a list, as every list of the API answers.
export interface Page<T> {
  total: number;
  data: T[];
}
