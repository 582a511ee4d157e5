import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance, type Evidence, openCalls } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import { learnOutbound, type SendMessageEvidence } from '../send-message.ts';

/**
 * A text that was sent is charged to its number. What was charged is counted against the texts that are known to have been sent: which
 * of several charges is whose makes no difference.
 */
export const sendMessageEvidence: Evidence<SendMessageEvidence> = {
  source: 'transactions',
  async judge(trx, account, { key, known, sentAt }) {
    const since = sentAt - clockTolerance;
    const charges = await chargesSince(trx, account, since);
    const own = charges.filter((row) => row.e164 === known.from);
    const surplus = own.length - (await textsSince(trx, account, known.from, since));
    const asked = (await openCalls(trx, account, 'send-message')).filter(
      (call) => (call.known as SendMessageEvidence).from === known.from,
    );
    const [charge] = own;
    if (charge !== undefined && surplus >= asked.length)
      return {
        says: 'happened',
        apply: () => learnOutbound(trx, account, key, { ...known, body: '', answer: answerIn(known, charge) }),
      };
    // A charge that refers to nothing known may be this number's.
    return { says: surplus <= 0 && charges.every((row) => row.e164 !== null) ? 'nothing' : 'unclear' };
  },
};

/** What was charged for texts, newest first. */
function chargesSince(trx: Transaction<Tables>, account: Account, since: number): Promise<TransactionRow[]> {
  return trx
    .selectFrom('transactions')
    .selectAll()
    .where('account', '=', account.id)
    .where('sort_at', '>=', since)
    .where('amount_e8', '<', 0)
    .where((eb) => eb.or(['%sms%', '%message%', '%text%'].map((word) => eb(eb.fn('lower', ['kind']), 'like', word))))
    .orderBy('sort_at', 'desc')
    .execute();
}

async function textsSince(trx: Transaction<Tables>, account: Account, e164: string, since: number): Promise<number> {
  const { count } = await trx
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .where('direction', '=', 'OUTBOUND')
    .where('at', '>=', since)
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
