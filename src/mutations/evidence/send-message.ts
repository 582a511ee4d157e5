import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { type Evidence, openCalls } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import { learnOutbound, type SendMessageEvidence } from '../send-message.ts';
import { bookedWithin, debitsSince } from './debits.ts';

/** How much earlier than the sending, by DIDfarm's clock, a charge may be and still be this text's. Milliseconds. */
const slightly = 60_000;

/**
 * A text that was sent is charged to its number. New charges are counted against the texts that are known to have been sent: which of
 * several is whose makes no difference. Any other debit that nothing explains may be its charge in words that nobody knows.
 */
export const sendMessageEvidence: Evidence<SendMessageEvidence> = {
  source: 'transactions',
  async judge(trx, account, { key, known, sentAt }) {
    const debits = await debitsSince(trx, account, sentAt, known.debits);
    const open = debits.filter((row) => !isAnothers(row, known.from));
    const own = open.filter((row) => row.e164 === known.from && row.sort_at >= sentAt - slightly && isText(row));
    const surplus = own.length - (await textsSince(trx, account, known.from, sentAt));
    const asked = (await openCalls(trx, account, 'send-message', { sentAt })).filter(
      (call) => (call.known as SendMessageEvidence).from === known.from,
    );
    const [charge] = own;
    if (charge !== undefined && surplus >= asked.length && open.length === own.length)
      return {
        says: 'happened',
        certain: true,
        findings: [`${known.from} was charged for a text by transaction ${charge.transaction_id}.`],
        apply: () => learnOutbound(trx, account, key, { ...known, body: '', answer: answerIn(known, charge) }),
      };
    if (surplus <= 0 && open.length === own.length)
      return { says: 'nothing', findings: [`No transaction shows that ${known.from} was charged for this text.`] };
    return {
      says: 'unclear',
      findings: [
        `${known.from} or the wallet was charged for something that nothing else explains: it may be this text, or another's.`,
      ],
    };
  },
};

/** An order, what a trunk cost, or what was charged to another number is no text of this one. */
function isAnothers(row: TransactionRow, from: string): boolean {
  if (row.reference_type === 'NUMBER') return row.e164 !== null && row.e164 !== from;
  if (row.reference_type === 'TRUNK') return row.trunk_key !== null;
  return row.reference_type === 'ORDER' && row.order_id !== null;
}

function isText({ kind }: TransactionRow): boolean {
  return /sms|message|text/i.test(kind ?? '');
}

/** The texts that are known to have been sent in the time in which a call's charge is looked for. */
async function textsSince(trx: Transaction<Tables>, account: Account, e164: string, sentAt: number): Promise<number> {
  const { count } = await trx
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .where('direction', '=', 'OUTBOUND')
    .where('at', '>=', sentAt - slightly)
    .where('at', '<=', sentAt + bookedWithin)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What its charge says of a text; the text itself was never kept. */
function answerIn({ segments }: SendMessageEvidence, charge: TransactionRow) {
  return {
    messageId: null,
    status: null,
    segments,
    cost: charge.amount.replace('-', ''),
    currency: charge.currency,
    createdAt: charge.created_at,
  };
}
