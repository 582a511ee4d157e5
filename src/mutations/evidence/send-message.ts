import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance, type Evidence, type LostCall, openCalls } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import { learnOutbound, type SendMessageEvidence } from '../send-message.ts';
import { debitsSince } from './debits.ts';
import { chargesOfTexts, fitsSegments, isText } from './text-charges.ts';
import { walletOfText } from './text-wallet.ts';

type LostText = LostCall<SendMessageEvidence>;

/** How much earlier than the sending, by DIDfarm's clock, a charge may be and still be this text's. Milliseconds. */
const slightly = 60_000;

/** How much later: a call is given up after half a minute. Milliseconds. */
const answeredWithin = 30_000 + slightly;

/**
 * A text that was sent is charged to its number while it is sent. Each charge that no known text explains is this one's, where there are
 * as many as texts that were lost, and where it costs what its segments do: which of several is whose makes no difference then. Any
 * other debit of about that time that nothing explains may be its charge in words, or by a clock, that nobody knows. That it was not sent
 * is shown by a wallet that its transactions explain to the cent.
 */
export const sendMessageEvidence: Evidence<SendMessageEvidence> = {
  source: 'transactions',
  async judge(trx, account, call, review) {
    const { key, known, sentAt } = call;
    const open = await unexplained(trx, account, call);
    const own = open.filter(
      (row) =>
        row.e164 === known.from &&
        row.sort_at >= sentAt - slightly &&
        row.sort_at <= sentAt + answeredWithin &&
        isText(row),
    );
    const fitting = await fittingCharge(trx, account, own, known);
    if (fitting !== undefined && own.length === open.length && own.length >= (await lostTexts(trx, account, call)))
      return {
        says: 'happened',
        certain: true,
        findings: [charged(known.from, fitting)],
        apply: () => learnOutbound(trx, account, key, { ...known, body: '', answer: answerIn(known, fitting) }),
      };
    if (open.length > 0) return { says: 'unclear', findings: [doubtful(known, open)] };
    const findings = [`No transaction shows that ${known.from} was charged for this text.`];
    if (review === 'review') return { says: 'untraced', findings };
    const wallet = await walletOfText(trx, account, call);
    if (wallet.says === 'explained') return { says: 'nothing', findings };
    return { says: 'untraced', findings: [...findings, 'finding' in wallet ? wallet.finding : hidden] };
  },
};

/** The debits of about the time of a text that are certainly nothing else, such as the charge of a known text. */
async function unexplained(
  trx: Transaction<Tables>,
  account: Account,
  { known, sentAt }: LostText,
): Promise<TransactionRow[]> {
  const until = sentAt + answeredWithin + clockTolerance;
  const debits = await debitsSince(trx, account, sentAt, known.debits);
  const open = debits.filter((row) => row.sort_at <= until && !isAnothers(row, known.from));
  if (open.length === 0) return [];
  const texts = await chargesOfTexts(trx, account, sentAt);
  return open.filter((row) => !texts.has(row.transaction_id));
}

/** An order, what a trunk cost, or what was charged to another number is no text of this one. */
function isAnothers(row: TransactionRow, from: string): boolean {
  if (row.reference_type === 'NUMBER') return row.e164 !== null && row.e164 !== from;
  if (row.reference_type === 'TRUNK') return row.trunk_key !== null;
  return row.reference_type === 'ORDER' && row.order_id !== null;
}

/** Of several, the earliest. */
async function fittingCharge(
  trx: Transaction<Tables>,
  account: Account,
  charges: readonly TransactionRow[],
  { segments }: SendMessageEvidence,
): Promise<TransactionRow | undefined> {
  for (const charge of charges.toReversed()) if (await fitsSegments(trx, account, charge, segments)) return charge;
  return undefined;
}

/** How many texts of the number, this one among them, may have left the same charges. */
async function lostTexts(trx: Transaction<Tables>, account: Account, { known, sentAt }: LostText): Promise<number> {
  const calls = await openCalls(trx, account, 'send-message', { sentAt });
  return calls.filter(
    (call) =>
      (call.known as SendMessageEvidence).from === known.from &&
      Math.abs(call.sentAt - sentAt) <= slightly + answeredWithin,
  ).length;
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

const charged = (from: string, { transaction_id, amount, currency }: TransactionRow) =>
  `${from} was charged for a text by transaction ${transaction_id} (${currency} ${amount}) as it was sent, which no other text explains. One of as many segments that another program sent in the same minute would look the same.`;

const doubtful = ({ from, segments }: SendMessageEvidence, open: readonly TransactionRow[]) =>
  `${from} or the wallet was charged for something that nothing else explains (${open.length === 1 ? 'transaction' : 'transactions, the newest of them'} ${open[0]?.transaction_id}, ${open[0]?.currency} ${open[0]?.amount}): it may be this text of ${segments} segment${segments === 1 ? '' : 's'}, or another's.`;

const hidden =
  'The wallet agrees with its transactions, but other spending of the same minutes could hide the charge of a text.';
