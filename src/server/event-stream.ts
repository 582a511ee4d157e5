import type { ServerResponse } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import type { Clock } from '../clock.ts';
import { isOfEventSource } from './event-source.ts';
import { createEventStreamBody, longestLife } from './event-stream-body.ts';
import type { LiveStream } from './subscriptions/stream.ts';

interface EventStreamOptions {
  /** The stream of a subscription by its operation's context: what Yoga passes on may be wrapped around it. */
  readonly streams: { get(context: object): LiveStream | undefined };
  readonly clock: Clock;
  /** In [0, 1): spreads the returns of those who are sent away. */
  readonly random: () => number;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  // nginx would otherwise keep events until it has a page of them.
  'x-accel-buffering': 'no',
};

/**
 * Answers subscriptions as server-sent events ("distinct connections mode" of GraphQL over SSE), each event with the cursor that a
 * browser sends back as `Last-Event-ID`.
 */
export function useEventStream({ streams, clock, random }: EventStreamOptions): Plugin {
  const byRequest = new WeakMap<Request, LiveStream>();
  return {
    onExecutionResult({ request, context }) {
      const stream = streams.get(context);
      if (stream !== undefined) byRequest.set(request, stream);
    },
    onResultProcess({ request, resultProcessor, setResultProcessor, serverContext }) {
      const stream = byRequest.get(request);
      if (stream === undefined) return;
      // The caller takes no media type that a stream could be sent as.
      if (resultProcessor === undefined) return void stream.return();
      // There is none where the request was made in process.
      const { res } = serverContext as { readonly res?: ServerResponse };
      const life = isOfEventSource(request) ? (longestLife * (1 + random())) / 2 : null;
      const readable = createEventStreamBody({ stream, life, clock, cut: () => res?.destroy() });
      // Yoga's Response takes Node's own streams, and pipes them as Node does; its types know only those of the web.
      const body = readable as unknown as ReadableStream;
      setResultProcessor((_result, { Response }) => new Response(body, { headers }), headers['content-type']);
    },
  };
}
