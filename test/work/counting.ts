import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { vi } from 'vitest';
import { work } from '../../src/server/work.ts';
import type { Gateway } from '../support/gateway.ts';

/** What something cost, in things that are counted: the same on every machine. */
export interface Work {
  /** Statements that the storage ran. */
  readonly statements: number;
  /** Requests to DIDfarm. */
  readonly upstream: number;
  /** Documents; what is remembered of an earlier one is not counted. */
  readonly parsed: number;
  readonly validated: number;
  /** Root fields of queries, and other operations. */
  readonly executed: number;
  /** Times that a root field, or an answer as a whole, was written as JSON. */
  readonly serialized: number;
}

/** By which an answer as a whole is known among all that is written as JSON. */
const answer = /"extensions":\{"upstream":/;

/** What `act` makes the gateway do, until nothing goes on behind it any more. */
export async function workOf(gateway: Gateway, act: () => Promise<unknown>): Promise<Work> {
  const counts = { parsed: 0, validated: 0, executed: 0, serialized: 0 };
  const names = ['parsed', 'validated', 'executed', 'serialized'] as const;
  const listeners = names.map((name) => {
    const count = () => {
      counts[name] += 1;
    };
    return [work[name].name, count] as const;
  });
  for (const [name, listener] of listeners) subscribe(name, listener);
  const { stringify } = JSON;
  const spy = vi.spyOn(JSON, 'stringify').mockImplementation((...given: Parameters<typeof stringify>) => {
    const text = stringify(...given);
    if (typeof text === 'string' && answer.test(text)) counts.serialized += 1;
    return text;
  });
  const statements = gateway.app.storage.queries();
  const upstream = gateway.sandbox.control.calls().total;
  try {
    await act();
    await gateway.app.settled();
    return {
      statements: gateway.app.storage.queries() - statements,
      upstream: gateway.sandbox.control.calls().total - upstream,
      ...counts,
    };
  } finally {
    spy.mockRestore();
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  }
}
