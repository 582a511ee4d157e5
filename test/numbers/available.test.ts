import { describe, expect, test } from 'vitest';
import { AvailableNumbersDocument, type AvailableNumbersQuery } from '../generated/graphql.ts';
import { type Answer, type Gateway, startGateway } from '../support/gateway.ts';

const amsterdam = { country: 'NL', type: 'LOCAL', city: 'Amsterdam' } as const;

async function pages(gateway: Gateway, size: number): Promise<string[]> {
  const found: string[] = [];
  let after: string | null | undefined = null;
  do {
    const answer: Answer<AvailableNumbersQuery> = await gateway.ask(AvailableNumbersDocument, {
      ...amsterdam,
      first: size,
      after,
    });
    expect(answer.errors).toBeUndefined();
    const page = answer.data?.availableNumbers;
    found.push(...(page?.nodes.map((number) => number.e164) ?? []));
    after = page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
  } while (after != null);
  return found;
}

describe('searching numbers for sale', () => {
  test.each(['laravel', 'pages', 'page-number', 'total-only', 'top-level', 'none'] as const)(
    'pages over the upstream pages, whatever they say of themselves: %s',
    async (paging) => {
      await using gateway = await startGateway({ sandbox: { variants: { paging, perPage: 10 } }, rateLimit: 600 });
      const found = await pages(gateway, 7);
      expect(new Set(found).size).toBe(found.length);
      expect(found.length).toBeGreaterThanOrEqual(48);
    },
  );

  test('ends where the upstream repeats its last page for ever', async () => {
    await using gateway = await startGateway({
      sandbox: { variants: { paging: 'none', beyondLastPage: 'repeat', perPage: 20 } },
      rateLimit: 600,
    });
    const found = await pages(gateway, 100);
    expect(new Set(found).size).toBe(found.length);
  });

  test('rates are cents upstream and euros here, and the total is the upstream figure', async () => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(AvailableNumbersDocument, { ...amsterdam, first: 1 });
    const page = answer.data?.availableNumbers;
    expect(page?.nodes).toMatchObject([
      {
        e164: '+31201234567',
        type: 'LOCAL',
        city: 'Amsterdam',
        monthlyRate: { amount: '1.50', currency: 'EUR' },
        setupFee: { amount: '0.00' },
      },
    ]);
    expect(page?.totalCount).toBeGreaterThanOrEqual(48);
  });

  test('the same search by many viewers is one upstream call, and in any spelling', async () => {
    await using gateway = await startGateway();
    const asked = ['Amsterdam', ' Amsterdam ', 'Amsterdam'].map((city) =>
      gateway.ask(AvailableNumbersDocument, { ...amsterdam, city, first: 5 }),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.data))).size).toBe(1);
    expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /numbers/search': 1 });
  });

  test('a cursor of another search is refused', async () => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(AvailableNumbersDocument, { ...amsterdam, first: 1 });
    const after = answer.data?.availableNumbers?.pageInfo.endCursor;
    const other = await gateway.ask(AvailableNumbersDocument, { country: 'DE', after });
    expect(other.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  test('one question costs at most 12 calls, and goes on from there', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { perPage: 2 } }, rateLimit: 600 });
    const answer = await gateway.ask(AvailableNumbersDocument, { ...amsterdam, first: 100 });
    expect(answer.data?.availableNumbers?.nodes).toHaveLength(24);
    expect(answer.data?.availableNumbers?.pageInfo.hasNextPage).toBe(true);
    expect(answer.extensions?.upstream.calls).toBe(12);
  });
});
