import type { Clock } from '../clock.ts';
import type { CallOptions } from './call-options.ts';
import { UpstreamBadResponse, UpstreamCancelled, UpstreamTimedOut } from './errors.ts';
import { readRateLimitHeaders } from './rate-limit-headers.ts';
import { failureFrom } from './refusal.ts';
import type { Answer } from './shapes/answer.ts';
import { createTransport, type TransportLimits, type WireAnswer, type WireRequest } from './transport.ts';

/** A call that changes something. `url` where it is not under the base URL; `secrets` are kept out of errors. */
export interface Change {
  readonly path: string;
  readonly url?: string;
  readonly json?: unknown;
  readonly form?: { readonly type: string; readonly body: Uint8Array };
  readonly secrets?: readonly string[];
  readonly call: CallOptions;
}

/** Turns paths and bodies into requests, and answers into JSON or typed failures. */
export interface Calls {
  get(path: string, query: Readonly<Record<string, string | number | undefined>>, call: CallOptions): Promise<Answer>;
  post(change: Change): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallsOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly clock: Clock;
  readonly limits?: TransportLimits | undefined;
}

export function createCalls({ baseUrl, apiKey, clock, limits }: CallsOptions): Calls {
  const transport = createTransport(limits);
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };

  const perform = async (wanted: WireRequest, secrets: readonly string[], options: CallOptions): Promise<Answer> => {
    const controller = new AbortController();
    let sent = false;
    const cancel = clock.after(options.deadline - clock.now(), () =>
      controller.abort(new UpstreamTimedOut(wanted.call, sent)),
    );
    const gone = () => controller.abort(new UpstreamCancelled(wanted.call, sent));
    options.signal?.addEventListener('abort', gone);
    try {
      if (options.signal?.aborted) gone();
      const answer = await transport.send(wanted, controller.signal, () => {
        sent = true;
        options.onSent?.();
      });
      return readJson(wanted.call, answer, secrets, clock.now());
    } finally {
      cancel();
      options.signal?.removeEventListener('abort', gone);
    }
  };

  return {
    get: (path, query, call) => {
      const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
      const search = new URLSearchParams(given).toString();
      const url = `${baseUrl}${path}${search === '' ? '' : `?${search}`}`;
      return perform({ call: `GET ${path}`, method: 'GET', url, headers }, [apiKey], call);
    },
    post: ({ path, url, json, form, secrets = [], call }) => {
      const type = form?.type ?? 'application/json';
      const body = form?.body ?? JSON.stringify(json ?? {});
      const wanted = { call: `POST ${path}`, url: url ?? `${baseUrl}${path}`, body };
      return perform(
        { ...wanted, method: 'POST', headers: { ...headers, 'content-type': type } },
        [apiKey, ...secrets],
        call,
      );
    },
    close: () => transport.close(),
  };
}

function readJson(call: string, answer: WireAnswer, secrets: readonly string[], now: number): Answer {
  const { status, text } = answer;
  if (status < 200 || status >= 300) {
    const { retryAfterMilliseconds } = readRateLimitHeaders(answer.headers, now);
    throw failureFrom({ call, status, text, retryAfterMilliseconds, secrets });
  }
  if (text.trim() === '') return { call, status, json: {} };
  try {
    return { call, status, json: JSON.parse(text) };
  } catch {
    // The parser's error quotes the body, which may hold a password: it is not kept as the cause.
    const problem = text.trimStart().startsWith('<') ? 'HTML instead of JSON' : 'not whole JSON';
    throw new UpstreamBadResponse(call, '', problem, { status });
  }
}
