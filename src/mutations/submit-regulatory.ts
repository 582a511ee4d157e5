import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { learnNumbers } from '../numbers/numbers.ts';
import type { Mutation } from '../operations/engine.ts';
import { failureOf } from '../operations/outcome.ts';
import type { Tables } from '../storage/tables.ts';
import { type DocumentInput, readDocuments } from './documents.ts';
import { knownNumber } from './known-numbers.ts';

export interface SubmitRegulatoryInput {
  /** E.164. */
  readonly number: string;
  readonly documents: readonly DocumentInput[];
}

/** Whose documents are under review. */
export interface SubmitRegulatoryResult {
  readonly e164: string;
}

/** Submits a number's documents for review (Connect guide, "How do I handle regulatory requirements via API?"). They are not kept. */
export const submitRegulatory: Mutation<SubmitRegulatoryInput, SubmitRegulatoryResult> = {
  name: 'submitRegulatory',
  kept: ({ number }) => ({ number }),
  async run(operation, { number: e164, documents }) {
    const { account } = operation;
    await knownNumber(operation, e164);
    const submission = { number: e164, documents: readDocuments(documents) };
    const { result } = await operation.step({
      name: 'submit-regulatory',
      evidence: async (): Promise<SubmitRegulatoryResult> => ({ e164 }),
      send: (call) => account.didfarm.submitRegulatory(submission, call),
      apply: (trx) => learnSubmission(trx, account, e164),
      refused: (error) => failureOf(error, inputPath),
    });
    return { result };
  },
};

/** The number's documents are under review from now on. */
export async function learnSubmission(
  trx: Transaction<Tables>,
  account: Account,
  e164: string,
): Promise<SubmitRegulatoryResult> {
  const before = await trx
    .selectFrom('numbers')
    .select('regulatory_since')
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .executeTakeFirst();
  // DIDfarm's clock may be ahead: what was submitted last is what is under review.
  const at = Math.max(account.clock.now(), before?.regulatory_since ?? 0);
  await learnNumbers(trx, account, [{ e164, regulatory: { value: 'SUBMITTED', at } }]);
  return { e164 };
}

function inputPath(field: string): string {
  return field.replace(/^(documents\.\d+)\.file$/, '$1.content');
}
