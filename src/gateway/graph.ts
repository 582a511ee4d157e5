import { noteUnkeepable } from '../cache/reading.ts';
import type { SyncState } from '../cache/snapshot-rows.ts';
import type { SnapshotStats } from '../cache/snapshots.ts';
import type { UpstreamState } from '../didfarm/client.ts';
import { nullUnless, seenWith } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import type { GatewayFacts } from '../graph/context.ts';

const BudgetRef = builder.objectRef<UpstreamState['budget']>('UpstreamBudget').implement({
  ...seenWith('gateway'),
  description: "What is left of DIDfarm's ration of requests.",
  fields: (t) => ({
    limitPerMinute: t.exposeInt('limitPerMinute', {
      nullable: false,
      description: 'How many a minute the account may send.',
    }),
    remaining: t.exposeInt('remaining', { nullable: false, description: 'How many could be sent now.' }),
    queued: t.exposeInt('queued', { nullable: false, description: 'How many are waiting for their turn.' }),
    resetsAt: t.field({
      type: 'DateTime',
      description: 'When all of it is back; null where none is spent.',
      resolve: ({ resetsAt }) => (resetsAt === null ? null : new Date(resetsAt)),
    }),
  }),
});

const CacheStatsRef = builder.objectRef<SnapshotStats>('CacheStats').implement({
  ...seenWith('gateway'),
  description: 'How reads of what DIDfarm lists were answered since the start.',
  fields: (t) => ({
    entries: t.exposeInt('entries', { nullable: false, description: 'Snapshots kept in memory.' }),
    hits: t.exposeFloat('hits', { nullable: false, description: 'Answered from what was kept.' }),
    misses: t.exposeFloat('misses', { nullable: false, description: 'Answered after asking DIDfarm.' }),
    stale: t.exposeFloat('stale', {
      nullable: false,
      description: 'Answered from what was kept though too old, since DIDfarm could not be asked.',
    }),
  }),
});

const SyncStateRef = builder.objectRef<SyncState>('SyncState').implement({
  ...seenWith('gateway'),
  description: 'How far the local picture of one resource is.',
  fields: (t) => ({
    resource: t.exposeString('resource', { nullable: false, description: 'Such as "transactions".' }),
    asOf: t.field({
      type: 'DateTime',
      description: 'When it was last read from DIDfarm.',
      resolve: ({ asOf }) => (asOf === null ? null : new Date(asOf)),
    }),
    complete: t.exposeBoolean('complete', {
      nullable: false,
      description: 'Whether everything DIDfarm lists is here.',
    }),
    rows: t.exposeInt('rows', { nullable: false, description: 'How many rows are here.' }),
    error: t.exposeString('error', { description: 'Why the last refresh failed; null where it did not.' }),
  }),
});

/** What no table holds changes without anybody being told. */
function ofNow<T>(value: T): T {
  noteUnkeepable('in memory');
  return value;
}

const GatewayRef = builder.objectRef<GatewayFacts>('Gateway').implement({
  ...seenWith('gateway'),
  description: "The gateway's own state.",
  fields: (t) => ({
    version: t.exposeString('version', { nullable: false, description: 'Of this software.' }),
    budget: t.field({
      type: BudgetRef,
      nullable: false,
      description: "What is left of DIDfarm's ration.",
      resolve: (_gateway, _args, context) => ofNow(context.account.didfarm.state().budget),
    }),
    cache: t.field({
      type: CacheStatsRef,
      nullable: false,
      description: 'How well what is kept serves.',
      resolve: (_gateway, _args, context) => ofNow(context.account.snapshots.stats()),
    }),
    sync: t.field({
      type: [SyncStateRef],
      nullable: false,
      description: 'How far the local picture is, by resource.',
      resolve: (_gateway, _args, context) => context.account.snapshots.states(context.scope.account),
    }),
    subscribers: t.int({
      nullable: false,
      description: 'Live subscriptions to this account.',
      resolve: (gateway) => ofNow(gateway.subscribers()),
    }),
  }),
});

builder.queryField('gateway', (t) =>
  t.field({
    ...nullUnless('gateway'),
    type: GatewayRef,
    description: "The gateway's own state; null for a client's viewer.",
    resolve: (_root, _args, context) => (context.scope.client === null ? context.gateway : null),
  }),
);
