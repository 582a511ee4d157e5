import { seenByAll } from '../graph/access.ts';
import { andThen } from '../graph/at-once.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { nodesBy } from '../graph/context.ts';
import { decodeIdOf } from '../graph/identifiers.ts';
import type { NamedTrunk, ShownTrunk } from '../storage/tables.ts';
import { freshTrunks, statusOf, trunkByArgument, trunkByKey, trunkConditions, trunkRows } from './listing.ts';
import type { TrunkStatus } from './trunks.ts';

export const TrunkStatusEnum = builder.enumType('TrunkStatus', {
  description: 'Whether a trunk can carry calls. What DIDfarm said word for word is in `Trunk.rawStatus`.',
  values: {
    PROVISIONING: { description: 'Made, and never registered yet.' },
    REGISTERED: { description: 'Its PBX is registered: calls pass.' },
    OFFLINE: { description: 'It lost its registration: calls do not pass.' },
    UNKNOWN: { description: 'DIDfarm said nothing, or something this gateway does not know: see `rawStatus`.' },
  },
});

export const TrunkRef = builder.objectRef<NamedTrunk | ShownTrunk>('Trunk');

builder.node(TrunkRef, {
  ...seenByAll,
  description: 'A SIP trunk: the line between DIDfarm and one PBX. Its name says which client it belongs to.',
  id: { resolve: (trunk) => trunk.trunk_key },
  loadMany: nodesBy(trunkByKey),
  fields: (t) => ({
    uuid: t.id({
      nullable: false,
      description: 'DIDfarm\'s own id, such as "trk_a1b2c3d4"; `id-7` where it listed the trunk by number alone.',
      resolve: (trunk) => trunk.uuid ?? trunk.trunk_key,
    }),
    sipTrunkId: t.int({
      description: 'The number that routing takes; null until DIDfarm has told it.',
      resolve: (trunk) => trunk.sip_trunk_id,
    }),
    name: t.exposeString('name', { nullable: false, description: 'As it was given when the trunk was made.' }),
    sipServer: t.exposeString('sip_server', { description: 'Where the PBX registers, such as "sip.didfarm.com".' }),
    username: t.exposeString('username', {
      description: 'What the PBX registers as. The password is shown only once, by the mutation that made it.',
    }),
    authType: t.exposeString('auth_type', { description: 'How the PBX proves itself: "digest".' }),
    status: t.field({
      type: TrunkStatusEnum,
      nullable: false,
      description: 'The last known status, from whichever came last: a webhook or the listing.',
      resolve: (trunk, _args, context) => andThen(statusOf(context, trunk), ({ status }) => status as TrunkStatus),
    }),
    rawStatus: t.string({
      description: "DIDfarm's own word for the status.",
      resolve: (trunk, _args, context) => andThen(statusOf(context, trunk), (row) => row.raw_status),
    }),
    statusSince: t.field({
      type: 'DateTime',
      description: 'Since when; null where the gateway has not seen it change.',
      resolve: (trunk, _args, context) =>
        andThen(statusOf(context, trunk), (row) => (row.status_since === null ? null : new Date(row.status_since))),
    }),
  }),
});

export const TrunkConnection = connectionType('Trunk', TrunkRef, 'own');

export const TrunkFilterInput = builder.inputType('TrunkFilter', {
  description: 'Which trunks; conditions are combined with AND.',
  fields: (t) => ({
    status: t.field({ type: [TrunkStatusEnum], description: 'In one of these statuses.' }),
    client: t.id({ description: "Of this client: a Client's global id." }),
    search: t.string({ description: 'Name, username or uuid contains this, in any case.' }),
  }),
});

builder.queryFields((t) => ({
  trunk: t.field({
    ...seenByAll,
    type: TrunkRef,
    description: 'One trunk by its uuid or its global id.',
    args: { uuid: t.arg.id({ required: true, description: 'Such as "trk_a1b2c3d4"; a global id does as well.' }) },
    resolve: (_root, { uuid }, context) => trunkByArgument(context, uuid),
  }),
  trunks: t.field({
    ...seenByAll,
    type: TrunkConnection,
    description: "The account's trunks, by client and then by uuid.",
    args: {
      filter: t.arg({ type: TrunkFilterInput, description: 'Which trunks; all where it is left out.' }),
      ...pageArguments,
    },
    resolve: async (_root, args, context) => {
      await freshTrunks(context);
      const clientKeyOf = (id: string) => decodeIdOf('Client', id, 'filter.client');
      return connect(context, trunkRows, 'Query.trunks', args, [], trunkConditions(args.filter, clientKeyOf));
    },
  }),
}));
