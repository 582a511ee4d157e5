import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { NumberRef } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { answerOf, keyInput, keyOutput, type Payload, shown, trunkShown } from './answer.ts';
import { assignNumber, type Route } from './assign-number.ts';
import {
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';
import { trunkName } from './known-trunks.ts';

const AssignNumberInput = builder.inputType('AssignNumberInput', {
  description: 'Which number goes to which trunk.',
  fields: (t) => ({
    number: t.field({ type: 'PhoneNumber', required: true, description: 'One of your numbers.' }),
    trunk: t.id({ required: true, description: 'The trunk that is to take its calls: its global id or uuid.' }),
    idempotencyKey: t.id(keyInput),
  }),
});

const AssignNumberPayload = builder.objectRef<Payload<'AssignNumberPayload', Route>>('AssignNumberPayload').implement({
  ...seenByAll,
  description: "The number's calls go to the trunk.",
  fields: (t) => ({
    number: t.field({
      type: NumberRef,
      nullable: false,
      description: 'The number.',
      resolve: ({ result }, _args, context) => shown(numberByE164(context).load(result.e164)),
    }),
    trunk: t.field({
      type: TrunkRef,
      nullable: false,
      description: 'The trunk.',
      resolve: ({ result }, _args, context) => trunkShown(context, result.trunk),
    }),
    idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
  }),
});

const AssignNumberResultUnion = builder.unionType('AssignNumberResult', {
  description: 'What became of an assignment.',
  types: [AssignNumberPayload, ValidationError, NotFoundError, RateLimitedError, UpstreamError, OutcomeUnknownError],
  resolveType: (answer) => answer.type,
});

builder.mutationField('assignNumber', (t) =>
  t.field({
    ...doneBy('assignNumber'),
    type: AssignNumberResultUnion,
    nullable: false,
    description: "Sends a number's calls to a trunk. What it costs from now on is its client's. ADMIN and OPERATOR.",
    args: { input: t.arg({ type: AssignNumberInput, required: true, description: 'Which goes where.' }) },
    resolve: (_root, { input: { number, trunk, idempotencyKey } }, context) =>
      answerOf(context, 'AssignNumberPayload', assignNumber, idempotencyKey, { number, trunk: trunkName(trunk) }),
  }),
);
