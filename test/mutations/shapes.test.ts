import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

const selection = '{ __typename ... on Error { code message } }';
/** Each by itself: what one scalar refuses would keep the others from being tried. */
const mutations = {
  checkout: `mutation ($input: CheckoutInput!) { checkout(input: $input) ${selection} }`,
  text: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) ${selection} }`,
  trunk: `mutation ($input: CreateTrunkInput!) { createTrunk(input: $input) ${selection} }`,
};

test('whatever shape the input has, it is done or refused with a reason, and the books agree with the answers', async () => {
  await using gateway = await startGateway({ sandbox: { balance: '1000', rateLimit: null }, rateLimit: 100_000 });
  const seen = new Set<string>();
  const { world } = gateway.sandbox.control;
  const { found } = world.inventory.search({ country: 'GB', type: 'local' }, 0, 30);
  const texting = world.numbers.all().filter((each) => each.smsEnabled && each.status === 'active');
  const own = texting.map(({ e164 }) => e164).toArray();
  const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom('', ' ', '__proto__', '😀'));
  /** Mostly something that can be used. */
  const often = (...usable: string[]) => fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...usable) }, words);
  const forSale = found.map(({ e164 }) => e164);
  const key = fc.option(fc.oneof(words, fc.uuid()), { nil: null });
  const item = fc.record({
    e164: often(...forSale, ...own),
    country: often('GB', 'GB', 'gb', 'NL'),
    type: fc.constantFrom('LOCAL', 'LOCAL', 'MOBILE', 'UNKNOWN'),
  });
  const shapes = fc.record({
    checkout: fc.record({ items: fc.array(item, { maxLength: 3 }), idempotencyKey: key }),
    text: fc.record({
      from: often(...own, ...forSale),
      to: often('+31687654321'),
      body: words,
      idempotencyKey: key,
    }),
    trunk: fc.record({ name: words, idempotencyKey: key }),
  });

  await fc.assert(
    fc.asyncProperty(shapes, async (inputs) => {
      const before = gateway.sandbox.control.state();
      const types: string[] = [];
      for (const [name, query] of Object.entries(mutations)) {
        const { data, errors = [] } = await gateway.askText(query, { input: inputs[name as keyof typeof mutations] });
        expect(errors.map((error) => error.extensions['code']).filter((code) => code !== 'BAD_USER_INPUT')).toEqual([]);
        types.push(...Object.values(data ?? {}).map((result) => (result as { __typename: string }).__typename));
      }
      expect(types).not.toContain('OutcomeUnknownError');
      for (const type of types) seen.add(type);
      const after = gateway.sandbox.control.state();
      // A key that came before with the same input answers again, and does nothing.
      expect(after.liveOrders - before.liveOrders).toBeLessThanOrEqual(types.includes('CheckoutPayload') ? 1 : 0);
      expect(after.messages - before.messages).toBeLessThanOrEqual(types.includes('SendMessagePayload') ? 1 : 0);
      expect(after.trunks - before.trunks).toBeLessThanOrEqual(types.includes('CreateTrunkPayload') ? 1 : 0);
    }),
    { numRuns: 120, seed: 1 },
  );
  // The shapes reached both sides.
  expect([...seen]).toEqual(
    expect.arrayContaining(['CheckoutPayload', 'SendMessagePayload', 'CreateTrunkPayload', 'ValidationError']),
  );
});
