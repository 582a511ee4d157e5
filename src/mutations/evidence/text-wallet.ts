import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance, type LostCall } from '../../operations/evidence.ts';
import type { Tables } from '../../storage/tables.ts';
import type { SendMessageEvidence, SendMessageResult } from '../send-message.ts';
import { chargesOfTexts, pricesOfSegment } from './text-charges.ts';
import { type WalletChange, walletChange } from './wallet-change.ts';

/** What the wallet says of a text that no charge shows. */
export async function walletOfText(
  trx: Transaction<Tables>,
  account: Account,
  { known: { wallet = null, segments }, sentAt }: LostCall<SendMessageEvidence>,
): Promise<WalletChange> {
  const [price, ...others] = await pricesOfSegment(trx, account);
  const { before, later } = await chargedBesides(trx, account, wallet?.asOf ?? sentAt, sentAt);
  return walletChange(trx, account, {
    wallet: wallet && { ...wallet, counted: [...wallet.counted, ...before] },
    price: price === undefined || others.length > 0 ? null : price.times(segments).toFixed(),
    isLater: (row) => later.has(row.transaction_id),
  });
}

/** What was charged for other texts before a balance was read, and after it: DIDfarm charges a text while it is sent. */
async function chargedBesides(trx: Transaction<Tables>, account: Account, asOf: number, sentAt: number) {
  const steps = await trx
    .selectFrom('operation_steps')
    .select(['result', 'sent_at', 'at'])
    .where('account', '=', account.id)
    .where('name', '=', 'send-message')
    .where('status', '=', 'SUCCEEDED')
    .where('at', '>=', sentAt - 4 * clockTolerance)
    .execute();
  const sent = new Map(
    steps.map((step) => [(JSON.parse(step.result ?? '{}') as SendMessageResult).messageId, step] as const),
  );
  const charges = [...(await chargesOfTexts(trx, account, sentAt))].flatMap(([charge, text]) => {
    const step = sent.get(text);
    return step === undefined ? [] : [{ charge, step }];
  });
  const ids = (chosen: typeof charges) => new Set(chosen.map(({ charge }) => charge));
  return {
    before: ids(charges.filter(({ step }) => step.at <= asOf)),
    later: ids(charges.filter(({ step }) => (step.sent_at ?? Number.NEGATIVE_INFINITY) > asOf)),
  };
}
