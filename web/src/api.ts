// The orders API: calls with the types of its OpenAPI document, and their repetition.
import type { components, paths } from './generated/openapi.ts';
import { noAnswer, Problem, problemOf } from './problem.ts';
import { repeating } from './repeating.ts';

type Schemas = components['schemas'];
export type Order = Schemas['Order'];
export type OrderHead = Schemas['OrderHead'];
export type OrderPage = Schemas['OrderPage'];
export type Line = Schemas['Line'];
export type Address = Schemas['Address'];
export type NewOrder = Schemas['NewOrder'];
export type OrderPatch = Schemas['OrderPatch'];
export type Attempt = Schemas['Attempt'];
export type Refund = Schemas['Refund'];
export type UnappliedPayment = Schemas['UnappliedPayment'];
export type Dispute = Schemas['Dispute'];
export type Ledger = Schemas['Ledger'];
export type Lock = Schemas['Lock'];
export type OrderEvent = Schemas['Event'];
export type History = Schemas['History'];
export type Attention = Schemas['Attention'];
export type AttentionGroup = Schemas['AttentionGroup'];
export type AttentionGroups = Schemas['AttentionGroups'];
export type Finding = Schemas['Finding'];
export type GroupProgress = Schemas['GroupProgress'];
export type PaymentStatus = OrderHead['payment_status'];

type Method = 'get' | 'post' | 'patch';
type PathOf<M extends Method> = { [P in keyof paths]: [NonNullable<paths[P][M]>] extends [never] ? never : P }[keyof paths];
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][M]>;
type Parameters<O, Place extends string> = O extends { parameters: { [K in Place]?: infer T } } ? NonNullable<T> : never;
type ContentOf<T> = T extends { content: infer C } ? C[keyof C] : never;
type BodyOf<O> = O extends { requestBody?: infer B } ? ContentOf<NonNullable<B>> : never;
type ResultOf<O> = O extends { responses: infer R } ? ContentOf<R[Extract<keyof R, 200 | 201 | 202>]> : never;

/** What goes with a call; `match` is an ETag for If-Match, `key` an Idempotency-Key of `Intents`. */
export interface Call<O> {
  readonly path?: Parameters<O, 'path'>;
  readonly query?: Parameters<O, 'query'>;
  readonly body?: BodyOf<O>;
  readonly match?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** A successful answer; `status` matters where 202 means something else than 200. */
export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  readonly etag: string | null;
}

/** Where tokens come from: `renew` gets another one after the API refused the first. */
export interface TokenSource {
  token(): Promise<string>;
  renew(): Promise<string>;
}

export interface Transport {
  readonly url: string;
  readonly tokens: TokenSource;
  readonly fetch: (url: string, request: RequestInit) => Promise<Response>;
  readonly wait: (seconds: number) => Promise<void>;
}

// API Gateway answers after 30 seconds at the latest.
const LONGEST_ANSWER = 35_000;

export class Api {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Read something. Raises `Problem`. */
  get<P extends PathOf<'get'>>(path: P, call: Call<Operation<'get', P>> = {}): Promise<Answer<ResultOf<Operation<'get', P>>>> {
    return this.send('get', path, call);
  }

  /** Have something done. Raises `Problem`. */
  post<P extends PathOf<'post'>>(path: P, call: Call<Operation<'post', P>> = {}): Promise<Answer<ResultOf<Operation<'post', P>>>> {
    return this.send('post', path, call);
  }

  /** Edit an order by a merge patch; `call.match` is the ETag of what was edited. Raises `Problem`. */
  patch<P extends PathOf<'patch'>>(path: P, call: Call<Operation<'patch', P>>): Promise<Answer<ResultOf<Operation<'patch', P>>>> {
    return this.send('patch', path, call);
  }

  private async send<T>(method: Method, path: string, call: Call<unknown>): Promise<Answer<T>> {
    const url = this.transport.url + filled(path, call.path ?? {}) + queryText(call.query ?? {});
    return repeating(() => this.answered<T>(url, requestOf(method, call), call.signal), this.transport.wait);
  }

  private async answered<T>(url: string, request: RequestInit, signal?: AbortSignal): Promise<Answer<T>> {
    const answer = await this.authorized(url, request, signal);
    try {
      return { data: (await answer.json()) as T, status: answer.status, etag: answer.headers.get('etag') };
    } catch {
      // The connection ended within the answer.
      throw unanswered(signal);
    }
  }

  /** One 401 is answered by another token; a second one is for the user. */
  private async authorized(url: string, request: RequestInit, signal?: AbortSignal): Promise<Response> {
    const { tokens } = this.transport;
    const answer = await this.once(url, request, await tokens.token(), signal);
    const final = answer.status === 401 ? await this.once(url, request, await tokens.renew(), signal) : answer;
    if (!final.ok) {
      throw await problemOf(final);
    }
    return final;
  }

  private async once(url: string, request: RequestInit, token: string, signal?: AbortSignal): Promise<Response> {
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const timeout = AbortSignal.timeout(LONGEST_ANSWER);
    try {
      const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
      return await this.transport.fetch(url, { ...request, headers, signal: either });
    } catch {
      throw unanswered(signal);
    }
  }
}

/** Only a call that is still wanted is repeated: one that its caller ended is not. */
const unanswered = (signal?: AbortSignal): Problem => (signal?.aborted ? new Problem(-1, { code: 'aborted' }) : noAnswer());

function requestOf(method: Method, call: Call<unknown>): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (call.body !== undefined) {
    headers['content-type'] = method === 'patch' ? 'application/merge-patch+json' : 'application/json';
  }
  if (call.match !== undefined) {
    headers['if-match'] = call.match;
  }
  if (call.key !== undefined) {
    headers['idempotency-key'] = call.key;
  }
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  return { method: method.toUpperCase(), headers, cache: 'no-store', credentials: 'omit', ...body };
}

function filled(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replace(/\{(\w+)\}/gu, (_, name: string) => encodeURIComponent(String(values[name])));
}

function queryText(values: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
