import { regulatoryTypes } from '../../events/catalogue.ts';
import type { Evidence } from '../../operations/evidence.ts';
import type { SubmitRegulatoryResult } from '../submit-regulatory.ts';
import { eventsSince } from './events-since.ts';

/** Documents that were reviewed have been submitted; until then nothing tells. */
export const submitRegulatoryEvidence: Evidence<SubmitRegulatoryResult> = {
  source: null,
  async judge(trx, account, { known: { e164 }, sentAt }) {
    const events = await eventsSince(trx, account, e164, sentAt);
    const isReviewed = events.some(({ type }) => regulatoryTypes.some((each) => each === type));
    // The event itself has written what became of them.
    return isReviewed ? { says: 'happened', apply: async () => ({ e164 }) } : { says: 'unclear' };
  },
};
