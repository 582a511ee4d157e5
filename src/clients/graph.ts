import { clientKey } from '../access/viewer.ts';
import { seenByAll } from '../graph/access.ts';
import { andThen } from '../graph/at-once.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { nodesBy } from '../graph/context.ts';
import { searched } from '../graph/searched.ts';
import { contains } from '../storage/pages.ts';
import type { NamedTrunk } from '../storage/tables.ts';
import { TrunkConnection, TrunkFilterInput, TrunkRef } from '../trunks/graph.ts';
import { freshTrunks, trunkConditions, trunkRows } from '../trunks/listing.ts';
import { type ClientRow, clientByKey, clientKeyOf, clientRows, findClient, ofClient } from './listing.ts';

export const ClientRef = builder.objectRef<ClientRow>('Client');

builder.node(ClientRef, {
  ...seenByAll,
  description:
    'A customer of the reseller. DIDfarm knows none: a client is the trunks that carry one name (trimmed, in any case), or that were put under it by `assignTrunkToClient`.',
  id: { resolve: (client) => client.client_key },
  loadMany: nodesBy(clientByKey),
  fields: (t) => ({
    name: t.exposeString('client_name', { nullable: false, description: 'As its first trunk spells it.' }),
    trunks: t.field({
      type: TrunkConnection,
      nullable: false,
      description: 'Its trunks.',
      args: {
        filter: t.arg({ type: TrunkFilterInput, description: 'Which of them; all where it is left out.' }),
        ...pageArguments,
      },
      resolve: (client, args, context) =>
        connect(
          context,
          trunkRows,
          'Client.trunks',
          args,
          [ofClient(client.client_key)],
          trunkConditions(args.filter, clientKeyOf),
        ),
    }),
  }),
});

builder.objectField(TrunkRef, 'client', (t) =>
  t.field({
    type: ClientRef,
    nullable: false,
    description: 'Whose it is.',
    // Through the loader, so that a client has one name wherever it is read; its own trunk tells it where none else does.
    resolve: (trunk, _args, context) =>
      andThen(findClient(context, trunk.client_key), (client) => client ?? ownClient(trunk)),
  }),
);

function ownClient({ account, client_key, client_name }: NamedTrunk): ClientRow {
  return { account, client_key, client_name };
}

const ClientConnection = connectionType('Client', ClientRef, 'own');

builder.queryFields((t) => ({
  client: t.field({
    ...seenByAll,
    type: ClientRef,
    description: 'One client by name, in any case; null where no trunk carries it.',
    args: { name: t.arg.string({ required: true, description: 'Such as "Acme Corp".' }) },
    resolve: (_root, { name }, context) => clientByKey(context).load(clientKey(name)),
  }),
  clients: t.field({
    ...seenByAll,
    type: ClientConnection,
    description: "The account's clients, by name.",
    args: { search: t.arg.string({ description: 'The name contains this, in any case.' }), ...pageArguments },
    resolve: async (_root, args, context) => {
      await freshTrunks(context);
      const typed = searched(args.search, 'search');
      const filter = typed === null ? [] : [contains('client_name', typed)];
      return connect(context, clientRows, 'Query.clients', args, [], filter);
    },
  }),
}));
