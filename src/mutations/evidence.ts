import type { Settling } from '../operations/settle.ts';
import { checkoutEvidence } from './evidence/checkout.ts';
import { createTrunkEvidence } from './evidence/create-trunk.ts';
import { regenerateCredentialsEvidence } from './evidence/regenerate-credentials.ts';
import { routeNumberEvidence } from './evidence/route-number.ts';
import { sendMessageEvidence } from './evidence/send-message.ts';
import { submitRegulatoryEvidence } from './evidence/submit-regulatory.ts';
import { onboardClient } from './onboard-client.ts';

/** How calls whose answer was lost are found out about, by the names of their steps. */
export const settling: Settling = {
  evidence: {
    checkout: checkoutEvidence,
    'create-trunk': createTrunkEvidence,
    'regenerate-credentials': regenerateCredentialsEvidence,
    'route-number': routeNumberEvidence,
    'send-message': sendMessageEvidence,
    'submit-regulatory': submitRegulatoryEvidence,
  },
  resumable: [onboardClient.name],
};
