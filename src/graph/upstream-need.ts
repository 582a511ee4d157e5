/**
 * How often each root field has DIDfarm asked at the least, where that is known beforehand: a mutation's own calls, and the balance
 * after one that spends money. A search is one page at the least; its pages are snapshots, so it may cost nothing after all.
 */
export const upstreamNeed: Readonly<Record<string, number>> = {
  'Query.availableNumbers': 1,
  'Mutation.checkout': 2,
  'Mutation.assignNumber': 1,
  'Mutation.createTrunk': 1,
  'Mutation.regenerateTrunkCredentials': 1,
  'Mutation.sendMessage': 2,
  'Mutation.submitRegulatory': 1,
  'Mutation.onboardClient': 5,
  'Mutation.importNumbers': 0,
  'Mutation.assignTrunkToClient': 0,
};
