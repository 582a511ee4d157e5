import { scopeOf, type Viewer } from '../../src/access/viewer.ts';
import type { Account } from '../../src/account.ts';
import { type Bus, createBus } from '../../src/events/bus.ts';
import type { Context } from '../../src/graph/context.ts';
import { createCursors } from '../../src/graph/cursors.ts';
import { ownPlace } from '../../src/graph/place.ts';
import { createUpstreamUse } from '../../src/graph/upstream-use.ts';
import { createEngine } from '../../src/operations/engine.ts';
import { createRun } from '../../src/operations/run.ts';

interface ContextOptions {
  /** Epoch milliseconds. Default: ten seconds from now, by the account's clock. */
  readonly deadline?: number;
  readonly signal?: AbortSignal | undefined;
  readonly bus?: Bus;
  readonly subscribers?: () => number;
}

/** What the server makes for an operation of a viewer, for tests of a viewer whom no access is configured for yet. */
export function contextOf(account: Account, viewer: Viewer, options: ContextOptions = {}): Context {
  const { deadline = account.clock.now() + 10_000, signal, bus = createBus(), subscribers = () => 0 } = options;
  return {
    account,
    viewer,
    scope: scopeOf(viewer),
    cursors: createCursors('a secret'),
    use: createUpstreamUse(deadline, signal),
    bus,
    place: ownPlace(),
    engine: createEngine(account, createRun(account)),
    gateway: { version: 'test', subscribers },
    requestId: 'test',
  };
}
