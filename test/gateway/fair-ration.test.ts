import { expect, test } from 'vitest';
import { accountId, clientKey, type Viewer } from '../../src/access/viewer.ts';
import { startGateway } from '../support/gateway.ts';

const account = accountId('sandbox');
const viewers: Readonly<Record<string, Viewer>> = {
  noc: { account, name: 'noc', role: 'OPERATOR', client: null },
  desk: { account, name: 'desk', role: 'READER', client: null },
  portal: { account, name: 'portal', role: 'CLIENT', client: clientKey('Blue Bicycle'), send: true },
};

/** A gateway that takes each caller at their word. */
async function start() {
  const gateway = await startGateway({
    identify: (request) => viewers[request.headers.get('x-viewer') ?? ''] ?? fail(),
  });
  const ask = async (viewer: string, query: string) => {
    const response = await gateway.clock.through(
      gateway.app.fetch(
        new Request('http://gateway/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-viewer': viewer },
          body: JSON.stringify({ query }),
        }),
      ),
    );
    return (await response.json()) as {
      data: Record<string, unknown> | null;
      errors?: { extensions: Record<string, unknown> }[];
      extensions?: { upstream: { calls?: number; viewer: Record<string, unknown> } };
    };
  };
  return { gateway, ask };
}

function fail(): never {
  throw new Error('Nobody of that name');
}

const search = (city: string) => `{ availableNumbers(country: "NL", city: "${city}", first: 1) { totalCount } }`;

test('a viewer who searches without end spends their own part, and others search on', async () => {
  const { gateway, ask } = await start();
  const refused = await Promise.all(Array.from({ length: 50 }, (_, i) => ask('desk', search(`City ${i}`)))).then(
    (answers) => answers.filter(({ errors }) => errors?.[0]?.extensions['code'] === 'RATE_LIMITED'),
  );
  expect(refused).toHaveLength(20);

  const { data, errors, extensions } = await ask('noc', search('Amsterdam'));
  expect(errors).toBeUndefined();
  expect(data?.['availableNumbers']).toMatchObject({ totalCount: expect.any(Number) });
  expect(extensions?.upstream).toMatchObject({ calls: 1, viewer: { limitPerMinute: 45, remaining: 44 } });
  await gateway[Symbol.asyncDispose]();
});

test('an operation that needs more than its viewer may spend sends nothing, and says how much it needs', async () => {
  const { gateway, ask } = await start();
  const text = (index: number) =>
    `t${index}: sendMessage(input: { from: "+12125001956", to: "+31687654321", body: "x", idempotencyKey: "${index}" }) { __typename }`;
  const before = gateway.sandbox.control.state();
  const { data, errors } = await ask(
    'portal',
    `mutation { ${Array.from({ length: 8 }, (_, i) => text(i)).join(' ')} }`,
  );

  expect(data).toBeUndefined();
  expect(errors).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED', limit: 'upstreamCalls', allowed: 15, found: 16 } },
  ]);
  expect(gateway.sandbox.control.state()).toEqual(before);
  await gateway[Symbol.asyncDispose]();
});
