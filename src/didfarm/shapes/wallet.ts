import { z } from 'zod';
import { signedByKind } from '../money.ts';
import { type Answer, readAnswer } from './answer.ts';
import { currency, euros, optionalIdentity, optionalText, optionalTime } from './fields.ts';
import { type Page, readTolerantPage } from './page.ts';

/** What the wallet holds (Connect guide, "Check Wallet Balance"). */
export interface Balance {
  /** Decimal. */
  readonly balance: string;
  readonly currency: string;
}

/** A row of the wallet's history (Connect guide, "Billing per Client"). */
export interface TransactionListing {
  readonly transactionId: string;
  /** Signed decimal: negative is spent. */
  readonly amount: string;
  readonly currency: string;
  readonly kind: string | null;
  readonly description: string | null;
  readonly createdAt: number | null;
  /** DIDfarm's own word: `order`, `number`, `trunk` or another. */
  readonly referenceType: string | null;
  readonly referenceId: string | null;
}

const balance = z.object({ balance: euros, currency });

const identity = z.object({ id: optionalIdentity, transaction_id: optionalIdentity, uuid: optionalIdentity });

const transaction = identity
  .extend({
    amount: euros,
    currency,
    kind: optionalText,
    type: optionalText,
    description: optionalText,
    created_at: optionalTime,
    timestamp: optionalTime,
    reference_type: optionalText,
    reference_id: optionalIdentity,
  })
  .transform((row, context): TransactionListing => {
    const transactionId = idIn(row);
    if (transactionId === null) {
      context.addIssue({ code: 'custom', path: ['id'], message: 'missing or too long' });
      return z.NEVER;
    }
    const kind = row.kind ?? row.type;
    return {
      transactionId,
      amount: signedByKind(row.amount, kind),
      currency: row.currency,
      kind,
      description: row.description,
      createdAt: row.created_at ?? row.timestamp,
      referenceType: row.reference_type,
      referenceId: row.reference_id,
    };
  });

export const readBalanceAnswer = (answer: Answer): Balance => readAnswer(answer, balance);
export const readTransactionPage = (answer: Answer): Page<TransactionListing> =>
  readTolerantPage(answer, transaction, (row) => idIn(identity.safeParse(row).data));

function idIn(row: z.infer<typeof identity> | undefined): string | null {
  return row?.id ?? row?.transaction_id ?? row?.uuid ?? null;
}
