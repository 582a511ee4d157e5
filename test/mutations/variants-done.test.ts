import { expect, test } from 'vitest';
import { z } from 'zod';
import { variantsSchema } from '../../src/sandbox/variants.ts';
import { changes, pass, performAll, startVariant, subjects } from '../support/deeds.ts';
import { deeds } from '../support/differences.ts';
import { type Facts, flat } from '../support/facts.ts';
import type { Gateway } from '../support/gateway.ts';
import { usual } from '../support/usual-answers.ts';
import { tried, variantCases } from '../support/variants.ts';

const { properties } = z
  .object({ properties: z.record(z.string(), z.object({ type: z.string(), enum: z.array(z.string()).optional() })) })
  .parse(z.toJSONSchema(variantsSchema));

test('every switch of the sandbox is tried, and each of its words but the default', () => {
  const defaults: Readonly<Record<string, unknown>> = variantsSchema.parse({});
  expect(Object.keys(tried).sort()).toEqual(Object.keys(properties).sort());
  for (const [name, values] of Object.entries(tried)) {
    const { type, enum: words } = properties[name] ?? {};
    const wanted = words?.filter((word) => word !== defaults[name]) ?? (type === 'boolean' ? [!defaults[name]] : null);
    const given: unknown[] = values.map(([value]) => value);
    if (wanted === null) expect(given.length, name).toBeGreaterThan(0);
    else expect(given, name).toEqual(wanted);
  }
});

/** What DIDfarm has once each mutation was done exactly once, whatever happened on the way. */
const allDone = {
  state: { balance: '7.292', trunks: 10, numbers: 32, messages: 1, liveOrders: 2 },
  submissions: 1,
  changes: {
    'POST /wallet/checkout': 2,
    'POST /portal/did-routing': 2,
    'POST /portal/sip-trunks': 2,
    'POST /portal/sip-trunks/{uuid}/regenerate-credentials': 1,
    'POST /messages/send': 1,
    'POST /api/regulatory/submit': 1,
  },
};

function books(gateway: Gateway) {
  const { control } = gateway.sandbox;
  return {
    state: control.state(),
    submissions: control.world.regulatory.submissions().length,
    changes: changes(gateway),
  };
}

const minute = 60_000;
const isDone = (facts: Facts) => String(facts['__typename']).endsWith('Payload');

test.each(variantCases)('every mutation does what it is to, or says why not: $name', async (variant) => {
  await using gateway = await startVariant(variant);
  const { trunk, number } = subjects(gateway);
  const first = await performAll(gateway);

  const expected = usual(gateway);
  for (const deed of deeds) {
    const payload = { __typename: `${deed[0]?.toUpperCase()}${deed.slice(1)}Payload`, idempotencyKey: deed };
    const difference = variant.differences.done?.[deed];
    const refused = difference?.['__typename'] !== undefined;
    if (refused) expect(first[deed], deed).toMatchObject(difference);
    else expect(first[deed], deed).toEqual({ ...payload, ...flat(expected[deed]), ...difference });
  }

  await pass(gateway, 2 * minute);
  const told = await gateway.askText(`{ number(e164: "${number.e164}") { status regulatoryStatus trunk { uuid } } }`);
  const isRouted = gateway.sandbox.control.world.numbers.byE164(number.e164)?.trunkId === trunk.id;
  const activated = { status: 'ACTIVE', regulatoryStatus: 'APPROVED', trunk: isRouted ? { uuid: trunk.uuid } : null };
  expect(told.data?.['number']).toEqual({ ...activated, ...variant.differences.told });

  // A repeat does nothing more where it was done, and shows no password again.
  const before = books(gateway);
  if (deeds.every((deed) => isDone(first[deed]))) {
    const again = await performAll(gateway);
    expect(Object.keys(again.createTrunk)).not.toContain('credentials.password');
    expect(again.checkout['order.orderId']).toBe(first.checkout['order.orderId']);
    expect(books(gateway)).toEqual(before);
  }

  // Nothing is lost: once DIDfarm answers as the guide has it, the same keys end well, and nothing was done twice.
  gateway.sandbox.control.variants.set(variantsSchema.parse({}));
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
  await pass(gateway, 2 * minute);
  const last = await performAll(gateway);
  expect(deeds.filter((deed) => !isDone(last[deed]))).toEqual([]);
  expect(books(gateway)).toMatchObject(allDone);
});
