import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { SentMessage } from '../didfarm/client.ts';
import { countSegments } from '../messages/segments.ts';
import { messageStatus } from '../messages/status.ts';
import type { Mutation } from '../operations/engine.ts';
import { type FieldProblem, invalid } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { findOperation, type OperationKey } from '../operations/store.ts';
import type { MessageRow, NumberRow, Tables } from '../storage/tables.ts';
import { debitsBefore, holesBefore } from './evidence/debits.ts';
import { type WalletBefore, walletBefore } from './evidence/wallet-before.ts';
import { knownNumber } from './known-numbers.ts';
import { refreshMoney, withFreshBalance } from './money-spent.ts';
import { walletRefusal } from './refusals.ts';

export interface SendMessageInput {
  /** E.164. */
  readonly from: string;
  readonly to: string;
  readonly body: string;
}

/** Which text it sent. */
export interface SendMessageResult {
  readonly messageId: string;
}

/** What tells afterwards whether it was sent: what the number was charged. Never the text itself. */
export interface SendMessageEvidence {
  readonly from: string;
  readonly to: string;
  readonly segments: number;
  /** The wallet; null where it could not be read. */
  readonly wallet?: WalletBefore | null;
  /** The debits known before it was sent. */
  readonly debits: readonly string[];
  /** Where the mirror of transactions has holes: what each of them reaches down to. */
  readonly holes?: readonly (string | null)[];
}

/** A text that was sent, with what DIDfarm answered; null where its answer was lost. */
export interface Outbound extends SendMessageInput {
  readonly answer: SentMessage | null;
}

/** As DIDfarm counts, so that an emoji is one (SMS API, "Send Message"). */
const longestBody = 1_600;

/** Sends a text (Connect guide, "Send Messages for Clients"). The text is kept as a message and nowhere else. */
export const sendMessage: Mutation<SendMessageInput, SendMessageResult> = {
  name: 'sendMessage',
  kept: ({ from, to }) => ({ from, to }),
  repeated: fillIn,
  async run(operation, input) {
    const { account, key } = operation;
    if (operation.begun('send-message') === null) await check(operation, input);
    const { result } = await operation.step({
      name: 'send-message',
      evidence: async (): Promise<SendMessageEvidence> => ({
        from: input.from,
        to: input.to,
        segments: countSegments(input.body),
        wallet: await walletBefore(account, operation.onSent),
        debits: await debitsBefore(account),
        holes: await holesBefore(account),
      }),
      send: (call) => account.didfarm.sendMessage(input, call),
      apply: (trx, answer) => learnOutbound(trx, account, key, { ...input, answer }),
      refused: (error) => withFreshBalance(account, walletRefusal(error)),
    });
    await refreshMoney(operation);
    return { result };
  },
};

/** A text whose sending was found out by its charge alone has no words, which were never kept: who sends it again brings them. */
async function fillIn(account: Account, { body }: SendMessageInput, { messageId }: SendMessageResult): Promise<void> {
  await account.storage.db
    .updateTable('messages')
    .set({ body })
    .where('account', '=', account.id)
    .where('message_id', '=', messageId)
    .where('body', '=', '')
    .execute();
}

/** @throws ActionFailed naming what cannot be sent. */
async function check(operation: Operation, { from, body }: SendMessageInput): Promise<void> {
  const number = await knownNumber(operation, from);
  const problems: FieldProblem[] = [];
  if (number.sms_enabled === 0) problems.push({ path: 'from', message: `${from} does not send texts.` });
  const length = [...body].length;
  if (length === 0 || length > longestBody)
    problems.push({ path: 'body', message: `A text has 1 to 1,600 characters; this one has ${length}.` });
  // PostgreSQL stores none; what could not be recorded must not be sent.
  if (body.includes('\0')) problems.push({ path: 'body', message: 'A text has no NUL character.' });
  if (problems.length > 0) throw invalid(problems);
}

/** The text among the account's messages, as whose it was when it went out. */
export async function learnOutbound(
  trx: Transaction<Tables>,
  account: Account,
  key: OperationKey,
  { from, to, body, answer }: Outbound,
): Promise<SendMessageResult> {
  const number = await trx
    .selectFrom('numbers')
    .selectAll()
    .where('account', '=', account.id)
    .where('e164', '=', from)
    .executeTakeFirst();
  const message: MessageRow = {
    account: account.id,
    message_id: await freeId(trx, account, key, answer),
    direction: 'OUTBOUND',
    sender: from,
    recipient: to,
    body,
    status: messageStatus(answer?.status ?? null),
    raw_status: answer?.status ?? null,
    segments: answer?.segments ?? countSegments(body),
    cost: answer?.cost ?? null,
    currency: answer?.cost == null ? null : answer.currency,
    at: answer?.createdAt ?? account.clock.now(),
    e164: from,
    ...ownerOf(number),
  };
  await trx.insertInto('messages').values(message).execute();
  return { messageId: message.message_id };
}

function ownerOf(number: NumberRow | undefined): Pick<MessageRow, 'trunk_key' | 'client_key'> {
  return { trunk_key: number?.trunk_key ?? null, client_key: number?.client_key ?? null };
}

/**
 * The operation's digest takes the place of an id that is missing, or that another text carries (those received may be counted apart).
 * When it began is part of it: a key that was forgotten may be used again, and its text stays.
 */
async function freeId(
  trx: Transaction<Tables>,
  account: Account,
  key: OperationKey,
  answer: SentMessage | null,
): Promise<string> {
  const operation = await findOperation(trx, key);
  const digest = createHash('sha256')
    .update(JSON.stringify([key.viewer, key.idempotencyKey, operation?.started_at ?? null]))
    .digest('hex');
  if (answer === null || answer.messageId === null) return digest;
  const taken = await trx
    .selectFrom('messages')
    .select('message_id')
    .where('account', '=', account.id)
    .where('message_id', '=', answer.messageId)
    .executeTakeFirst();
  return taken === undefined ? answer.messageId : digest;
}
