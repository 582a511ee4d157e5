import type { Clock } from '../clock.ts';
import type { Attempts } from './attempts.ts';
import type { Budget } from './budget.ts';
import type { CallOptions } from './call-options.ts';
import { createDemand, type SharedDemand } from './demand.ts';
import {
  UpstreamBadResponse,
  UpstreamCallerRefused,
  UpstreamCancelled,
  UpstreamForbidden,
  UpstreamInvalidKey,
} from './errors.ts';
import type { Answer } from './shapes/answer.ts';
import type { WireAnswer, WireRequest } from './transport.ts';

/** A call that changes something. `url` where it is not under the base URL; `secrets` are kept out of errors. */
export interface Change {
  readonly path: string;
  readonly url?: string;
  readonly json?: unknown;
  readonly form?: { readonly type: string; readonly body: Uint8Array };
  readonly secrets?: readonly string[];
  readonly call: CallOptions;
}

/** Turns paths and bodies into requests, and answers into JSON. */
export interface Calls {
  /** Identical reads under way are one: each caller keeps its own deadline and signal. */
  get(path: string, query: Readonly<Record<string, string | number | undefined>>, call: CallOptions): Promise<Answer>;
  post(change: Change): Promise<Answer>;
  /** Sends every caller away, now and from now on. */
  close(): void;
}

export interface CallsOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** What a call shows of who it is made for, at the moment it is made; default: the API key. Secret. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  readonly onRefused?: ((shown: Readonly<Record<string, string>>) => void) | undefined;
  readonly clock: Clock;
  readonly attempts: Attempts;
  readonly budget: Budget;
}

export function createCalls({ baseUrl, apiKey, clock, attempts, budget, ...options }: CallsOptions): Calls {
  const shown = options.headers ?? (() => ({ authorization: `Bearer ${apiKey}` }));
  const live = new Set<SharedDemand<Answer>>();
  const reading = new Map<string, SharedDemand<Answer>>();
  let closed = false;

  const demandFor = (request: WireRequest, secrets: readonly string[]): SharedDemand<Answer> => {
    const shared = createDemand(request.call, clock, async (demand) => {
      live.add(shared);
      if (request.method === 'GET') reading.set(request.url, shared);
      try {
        return readJson(request.call, await attempts({ request, secrets }, demand));
      } catch (failure) {
        throw options.headers === undefined ? failure : ofCaller(failure, () => options.onRefused?.(request.headers));
      } finally {
        live.delete(shared);
        if (reading.get(request.url) === shared) reading.delete(request.url);
      }
    });
    return shared;
  };
  const join = (shared: SharedDemand<Answer>, call: CallOptions) =>
    closed ? Promise.reject(new UpstreamCancelled(shared.call, false)) : shared.join(call);

  return {
    get(path, query, call) {
      const url = `${baseUrl}${path}${search(query)}`;
      const known = reading.get(url);
      if (!known || known.signal.aborted) {
        const headers = { ...shown(), accept: 'application/json' };
        return join(demandFor({ call: `GET ${path}`, method: 'GET', url, headers }, secretsIn(headers)), call);
      }
      const answer = join(known, call);
      budget.reconsider(); // it may have become more urgent, or come too late for this caller
      return answer;
    },
    post({ path, url, json, form, secrets = [], call }) {
      const headers = { ...shown(), accept: 'application/json' };
      const request: WireRequest = {
        call: `POST ${path}`,
        method: 'POST',
        url: url ?? `${baseUrl}${path}`,
        headers: { ...headers, 'content-type': form?.type ?? 'application/json' },
        body: form?.body ?? JSON.stringify(json ?? {}),
      };
      return join(demandFor(request, [...secretsIn(headers), ...secrets]), call);
    },
    close() {
      closed = true;
      for (const shared of live) shared.refuseUntil(Number.POSITIVE_INFINITY, () => shared.departure());
    },
  };
}

/** A failure of a call that was made for a caller: what DIDfarm refuses of it is the caller's own. */
function ofCaller(failure: unknown, onRefused: () => void): unknown {
  if (!(failure instanceof UpstreamInvalidKey || failure instanceof UpstreamForbidden)) return failure;
  const { call, status } = failure;
  if (status !== 403) onRefused();
  return new UpstreamCallerRefused(call, `DIDfarm answered ${status} to a caller's own key or login`, { status });
}

/** What of a call's headers DIDfarm's words must not repeat. */
function secretsIn({ authorization, cookie, ...headers }: Readonly<Record<string, string>>): readonly string[] {
  const pairs = cookie?.split(/; */).flatMap((pair) => [pair, pair.slice(pair.indexOf('=') + 1)]) ?? [];
  return [authorization?.replace(/^Bearer /, '') ?? '', cookie ?? '', ...pairs, headers['x-xsrf-token'] ?? ''];
}

function search(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function readJson(call: string, { status, text }: WireAnswer): Answer {
  // What answers some calls is unpublished: nothing at all is then as good as an empty object.
  if (text.trim() === '') return { call, status, json: {} };
  try {
    return { call, status, json: JSON.parse(text) };
  } catch {
    // The parser's error quotes the body, which may hold a password: it is not kept as the cause.
    const problem = text.trimStart().startsWith('<') ? 'HTML instead of JSON' : 'not whole JSON';
    throw new UpstreamBadResponse(call, '', problem, { status });
  }
}
