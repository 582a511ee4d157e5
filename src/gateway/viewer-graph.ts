import type { Role, Viewer } from '../access/viewer.ts';
import { ClientRef } from '../clients/graph.ts';
import { clientByKey } from '../clients/listing.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';

const RoleEnum = builder.enumType('Role', {
  description: 'What a viewer may do.',
  values: {
    ADMIN: { description: 'Sees and does everything in its account.' },
    OPERATOR: {
      description:
        'Reads everything; assigns numbers, texts and submits documents. Buys nothing, makes no trunk, sees no password.',
    },
    READER: { description: 'Reads everything, changes nothing.' },
    CLIENT: {
      description:
        "Reads one client's own things: its trunks, numbers, texts, events, transactions and spending. Does nothing, unless it was granted to text from its own numbers.",
    },
  },
});

const ViewerRef = builder.objectRef<Viewer>('Viewer').implement({
  ...seenByAll,
  description: 'Who is asking.',
  fields: (t) => ({
    account: t.exposeString('account', {
      nullable: false,
      description: 'The DIDfarm account, by the name the gateway has for it.',
    }),
    role: t.field({
      type: RoleEnum,
      nullable: false,
      description: 'What you may do.',
      resolve: (viewer): Role => viewer.role,
    }),
    client: t.field({
      type: ClientRef,
      description: 'The one client you belong to; null where you see the whole account.',
      resolve: (viewer, _args, context) => (viewer.client === null ? null : clientByKey(context).load(viewer.client)),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    ...seenByAll,
    type: ViewerRef,
    description: 'Who you are to this gateway.',
    resolve: (_root, _args, context) => context.viewer,
  }),
);
