import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { MessageRef } from '../messages/graph.ts';
import { messageById } from '../messages/listing.ts';
import { answerOf, keyInput, keyOutput, type Payload, shown } from './answer.ts';
import {
  InsufficientBalanceError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';
import { type SendMessageResult, sendMessage } from './send-message.ts';

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'The text to send.',
  fields: (t) => ({
    from: t.field({ type: 'PhoneNumber', required: true, description: 'One of your numbers, with texts enabled.' }),
    to: t.field({ type: 'PhoneNumber', required: true, description: 'Who is to receive it.' }),
    body: t.string({
      required: true,
      description:
        'The text, 1 to 1,600 characters. It is charged by the segment: 160 GSM-7 or 70 Unicode characters, a little less in a longer one.',
    }),
    idempotencyKey: t.id(keyInput),
  }),
});

const SendMessagePayload = builder
  .objectRef<Payload<'SendMessagePayload', SendMessageResult>>('SendMessagePayload')
  .implement({
    ...seenByAll,
    description: 'DIDfarm took the text.',
    fields: (t) => ({
      message: t.field({
        type: MessageRef,
        nullable: false,
        description: 'The text, with its segments and what it cost where DIDfarm says so.',
        resolve: ({ result }, _args, context) => shown(messageById(context).load(result.messageId)),
      }),
      idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
    }),
  });

const SendMessageResultUnion = builder.unionType('SendMessageResult', {
  description: 'What became of a text.',
  types: [
    SendMessagePayload,
    InsufficientBalanceError,
    ValidationError,
    NotFoundError,
    RateLimitedError,
    UpstreamError,
    OutcomeUnknownError,
  ],
  resolveType: (answer) => answer.type,
});

builder.mutationField('sendMessage', (t) =>
  t.field({
    ...doneBy('sendMessage'),
    type: SendMessageResultUnion,
    nullable: false,
    description:
      'Sends a text, paid from the wallet. Sent again with its key no second text goes out. ADMIN and OPERATOR, and a CLIENT that was granted it, from its own numbers.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'The text to send.' }) },
    resolve: (_root, { input: { from, to, body, idempotencyKey } }, context) =>
      answerOf(context, 'SendMessagePayload', sendMessage, idempotencyKey, { from, to, body }),
  }),
);
