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
    if (!isReviewed) return { says: 'unclear', findings: [unreviewed(e164)] };
    const findings = [`An event says that documents of ${e164} were reviewed.`];
    return { says: 'happened', certain: true, findings, apply: async () => ({ e164 }) };
  },
};

const unreviewed = (e164: string) =>
  `No event since has said that documents of ${e164} were reviewed, and nothing else shows that they were submitted. DIDfarm's portal does.`;
