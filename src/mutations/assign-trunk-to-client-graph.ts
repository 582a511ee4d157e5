import { ClientRef } from '../clients/graph.ts';
import { clientByKey } from '../clients/listing.ts';
import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { localAnswerOf, shown, trunkShown } from './answer.ts';
import { assignTrunkToClient, type ClientAssignment } from './assign-trunk-to-client.ts';
import { NotFoundError, ValidationError } from './errors-graph.ts';
import { trunkName } from './known-trunks.ts';

const AssignTrunkToClientInput = builder.inputType('AssignTrunkToClientInput', {
  description: 'Which trunk is whose.',
  fields: (t) => ({
    trunk: t.id({ required: true, description: 'The trunk: its global id or uuid.' }),
    client: t.string({
      required: true,
      description: "The client's name, or its global id. The trunk's own name takes an earlier assignment back.",
    }),
  }),
});

interface AssignTrunkToClientAnswer {
  readonly type: 'AssignTrunkToClientPayload';
  readonly result: ClientAssignment;
}

const AssignTrunkToClientPayload = builder
  .objectRef<AssignTrunkToClientAnswer>('AssignTrunkToClientPayload')
  .implement({
    ...seenByAll,
    description: 'The trunk, its numbers and their history are the client’s.',
    fields: (t) => ({
      trunk: t.field({
        type: TrunkRef,
        nullable: false,
        description: 'The trunk.',
        resolve: ({ result }, _args, context) => trunkShown(context, result.trunk),
      }),
      client: t.field({
        type: ClientRef,
        nullable: false,
        description: 'The client.',
        resolve: ({ result }, _args, context) => shown(clientByKey(context).load(result.client)),
      }),
    }),
  });

const AssignTrunkToClientResultUnion = builder.unionType('AssignTrunkToClientResult', {
  description: 'What became of an assignment.',
  types: [AssignTrunkToClientPayload, ValidationError, NotFoundError],
  resolveType: (answer) => answer.type,
});

builder.mutationField('assignTrunkToClient', (t) =>
  t.field({
    ...doneBy('assignTrunkToClient'),
    type: AssignTrunkToClientResultUnion,
    nullable: false,
    description:
      'Puts a trunk under a client whose name it does not carry. Kept here alone: DIDfarm knows no clients. ADMIN only: it decides what a client sees and pays.',
    args: { input: t.arg({ type: AssignTrunkToClientInput, required: true, description: 'Which trunk is whose.' }) },
    resolve: (_root, { input: { trunk, client } }, context) =>
      localAnswerOf(context, 'AssignTrunkToClientPayload', (asker) =>
        assignTrunkToClient(asker, trunkName(trunk), client),
      ),
  }),
);
