import { viewerKey } from '../access/viewer.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Context } from '../graph/context.ts';
import { createUpstreamUse } from '../graph/upstream-use.ts';
import type { LiveOptions } from '../server/subscriptions/live-options.ts';
import { eventCursor, seqOfCursor } from '../webhooks/listing.ts';

/** How long an operation may wait for DIDfarm, in milliseconds. */
export const operationDeadline = 10_000;

interface LiveParts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Whether who subscribed is still let in; asked while a subscription lives. */
  readonly admission: LiveOptions<Context>['admission'];
}

/** How subscriptions are shared, resumed and limited. */
export function liveOptions(
  { subscriptions }: Pick<Config, 'subscriptions'>,
  { clock, random, admission }: LiveParts,
): LiveOptions<Context> {
  return {
    // The role as well: what a viewer may see of the same things could come to depend on it.
    audience: ({ scope, viewer }) => JSON.stringify([scope.account, scope.client, viewer.role]),
    account: ({ viewer }) => viewer.account,
    viewer: ({ viewer }) => viewerKey(viewer),
    fork: ({ account, viewer, scope, cursors, use, bus, engine, gateway, requestId }, place, signal) => ({
      ...{ account, viewer, scope, cursors, bus, engine, gateway, requestId, place },
      // Nobody's: one execution serves many viewers, and nothing that an event asks of DIDfarm is in any viewer's own words.
      use: createUpstreamUse(clock.now() + operationDeadline, signal ?? use.signal),
    }),
    cursor: eventCursor,
    seqOf: (context, cursor) => seqOfCursor(context, cursor, 'Last-Event-ID'),
    admission,
    limits: subscriptions,
    random,
  };
}
