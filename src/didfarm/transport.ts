import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type Dispatcher, request } from 'undici';
import { UpstreamBadResponse, UpstreamTimedOut, UpstreamUnreachable } from './errors.ts';

/** One HTTP request. `call` names it in errors. */
export interface WireRequest {
  readonly call: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends one request once. Knows the network and nothing of DIDfarm. */
export interface Transport {
  /**
   * Every answer is a success here, whatever its status; redirects are not followed.
   * Throws {@link UpstreamUnreachable}, {@link UpstreamTimedOut} or, for an answer over 10 MB, {@link UpstreamBadResponse};
   * the signal's reason once it is aborted. `onSent` is called when the request goes on the wire.
   */
  send(wanted: WireRequest, signal: AbortSignal, onSent: () => void): Promise<WireAnswer>;
  close(): Promise<void>;
}

/** Milliseconds of the network's own time-outs. The overall deadline is the caller's. */
export interface TransportLimits {
  readonly connectMilliseconds: number;
  readonly headersMilliseconds: number;
  readonly bodyMilliseconds: number;
  readonly answerBytes: number;
  readonly connections: number;
}

export const defaultLimits: TransportLimits = {
  connectMilliseconds: 5_000,
  headersMilliseconds: 20_000,
  bodyMilliseconds: 20_000,
  answerBytes: 10 * 1024 * 1024,
  connections: 8,
};

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A transport with keep-alive for reading. Calls that change something get a connection of their own. */
export function createTransport(limits: TransportLimits = defaultLimits): Transport {
  const options: Agent.Options = {
    connect: { timeout: limits.connectMilliseconds },
    headersTimeout: limits.headersMilliseconds,
    bodyTimeout: limits.bodyMilliseconds,
    maxResponseSize: limits.answerBytes,
    connections: limits.connections,
    allowH2: false,
  };
  const reading = new Agent(options);
  // A kept-alive socket that the server closes at this moment would leave open whether a POST was processed.
  // With `reset` no socket of this agent is ever used twice, so that a lost answer is a rare and a real one.
  const changing = new Agent(options);

  return {
    async send(wanted, signal, onSent) {
      let sent = false;
      const agent = wanted.method === 'GET' ? reading : changing;
      const dispatcher = agent.compose(
        announcing(() => {
          sent = true;
          onSent();
        }),
      );
      try {
        const answer = await request(wanted.url, {
          dispatcher,
          method: wanted.method,
          headers: wanted.headers,
          body: wanted.body ?? null,
          reset: wanted.method !== 'GET',
          signal,
        });
        if (Number(answer.headers['content-length']) > limits.answerBytes) {
          answer.body.destroy();
          throw tooLarge(wanted.call);
        }
        return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
      } catch (cause) {
        signal.throwIfAborted();
        throw faultOf(wanted.call, sent, cause);
      }
    },
    async close() {
      await Promise.all([reading.destroy(), changing.destroy()]);
    },
  };
}

/** undici starts a request only on a connection that stands: the one sure sign of what may have been processed. */
function announcing(onStart: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        onStart();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: handler.onRequestUpgrade?.bind(handler),
      onResponseStart: handler.onResponseStart?.bind(handler),
      onResponseData: handler.onResponseData?.bind(handler),
      onResponseEnd: handler.onResponseEnd?.bind(handler),
      onResponseError: handler.onResponseError?.bind(handler),
    } as Dispatcher.DispatchHandler);
}

const tooLarge = (call: string) => new UpstreamBadResponse(call, '', 'an answer over 10 MB');

function faultOf(call: string, sent: boolean, cause: unknown): Error {
  if (cause instanceof UpstreamBadResponse) return cause;
  const code = codeOf(cause);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(call);
  const told = new Error(code ?? 'network failure');
  return timeouts.has(code ?? '') ? new UpstreamTimedOut(call, sent, told) : new UpstreamUnreachable(call, sent, told);
}

/** Only the code of a network error is kept: the error itself holds the socket and its headers. */
function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
