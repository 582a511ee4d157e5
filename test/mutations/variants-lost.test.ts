import { expect, test } from 'vitest';
import { OperationDocument } from '../generated/graphql.ts';
import { changes, pass, performing, startVariant, subjects } from '../support/deeds.ts';
import type { Lost } from '../support/differences.ts';
import type { Gateway } from '../support/gateway.ts';
import { variantCases } from '../support/variants.ts';

const minute = 60_000;
const paths: Readonly<Record<Lost, string>> = {
  checkout: '/wallet/checkout',
  createTrunk: '/portal/sip-trunks',
  assignNumber: '/portal/did-routing',
  sendMessage: '/messages/send',
};
const lost = Object.keys(paths) as Lost[];

async function statusOf(gateway: Gateway, idempotencyKey: string) {
  return (await gateway.ask(OperationDocument, { idempotencyKey })).data?.operation?.status;
}

/** How often DIDfarm has done each, by its own books. */
function timesDone({ sandbox }: Gateway, number: number, trunk: number): Readonly<Record<Lost, number>> {
  const { liveOrders, messages, trunks } = sandbox.control.state();
  const isRouted = sandbox.control.world.numbers.byId(number)?.trunkId === trunk;
  return { checkout: liveOrders, createTrunk: trunks - 8, assignNumber: isRouted ? 1 : 0, sendMessage: messages };
}

test.each(variantCases)('what was done and not answered is not repeated, and not denied: $name', async (variant) => {
  await using gateway = await startVariant(variant);
  const { faults, world } = gateway.sandbox.control;
  const { trunk } = subjects(gateway);
  const number = world.numbers.all().find((each) => each.trunkId !== null && each.trunkId !== trunk.id);
  const perform = await performing(gateway, number?.e164);
  const differences = variant.differences.lost ?? {};
  const unsent = lost.filter((deed) => typeof differences[deed] === 'object');

  for (const deed of lost) {
    faults.add({ kind: 'cut-after', method: 'POST', path: paths[deed], times: 1 });
    const refusal = unsent.includes(deed) ? differences[deed] : undefined;
    const wanted = refusal ?? { __typename: 'OutcomeUnknownError', code: 'OUTCOME_UNKNOWN' };
    expect(await perform[deed](), deed).toMatchObject(wanted as object);
    faults.clear();
    await pass(gateway, minute);
  }
  const done = timesDone(gateway, Number(number?.id), trunk.id);
  expect(done).toEqual(Object.fromEntries(lost.map((deed) => [deed, unsent.includes(deed) ? 0 : 1])));

  // What tells of a routing; and for all of them time enough to be taken for not done.
  world.lifecycle.activate(Number(number?.id));
  for (let passed = 0; passed < 12; passed++) await pass(gateway, minute);

  const sent = lost.filter((deed) => !unsent.includes(deed));
  for (const deed of sent) expect(await statusOf(gateway, deed), deed).toBe(differences[deed] ?? 'SUCCEEDED');
  for (const deed of unsent) expect(await statusOf(gateway, deed), deed).toBe('FAILED');

  const before = changes(gateway);
  for (const deed of sent) await perform[deed]();
  expect(changes(gateway)).toEqual(before);
  expect(timesDone(gateway, Number(number?.id), trunk.id)).toEqual(done);
  expect(Object.values(before)).toEqual(sent.map(() => 1));
});
