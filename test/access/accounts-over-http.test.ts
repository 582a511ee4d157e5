import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessGateway, startAccessGateway } from '../support/access-gateway.ts';

const holders = {
  ada: '--role ADMIN --account amsterdam',
  ben: '--role ADMIN --account berlin',
  acme: '--role CLIENT --client Acme Corp --account amsterdam',
  rita: '--role READER --account berlin',
  rob: '--role READER --account berlin',
  acmeOfBerlin: '--role CLIENT --client Acme Corp --account berlin',
} as const;
type Holder = keyof typeof holders;

const secrets = { amsterdam: 'whsec_amsterdam', berlin: 'whsec_berlin' };
const to = (name: string, secret: string) => ({ path: `/webhooks/didfarm/${name}`, secret });

let gateway: AccessGateway<Holder>;
beforeAll(async () => {
  gateway = await startAccessGateway({
    holders,
    sandbox: { apiKey: 'df_live_amsterdam', accounts: [{ apiKey: 'df_live_berlin', seed: 9, trunks: 5, numbers: 12 }] },
    files: () => ({
      'accounts.json': [
        { name: 'amsterdam', apiKey: 'df_live_amsterdam', webhookSecrets: [secrets.amsterdam], rateLimit: 50 },
        { name: 'berlin', apiKey: 'df_live_berlin', webhookSecrets: ['whsec_former', secrets.berlin], rateLimit: 40 },
        { name: 'quiet', apiKey: 'df_live_quiet' },
      ],
    }),
    environment: (_, folder) => ({
      ACCOUNTS_FILE: join(folder, 'accounts.json'),
      DIDFARM_API_KEY: '',
      DIDFARM_WEBHOOK_SECRET: '',
    }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const world = (key: string) => gateway.sandbox.control.account(key).world;
/** The upstream calls that were made while something was done, each with the account that made it. */
async function callsDuring(deed: () => Promise<unknown>) {
  const from = gateway.sandbox.control.callLog().length;
  await deed();
  return gateway.sandbox.control
    .callLog()
    .slice(from)
    .map(({ account, route }) => `${account} ${route}`);
}

describe('two accounts', () => {
  test('have a picture, a budget and a key each', async () => {
    const { bearers } = gateway;
    const asked =
      '{ viewer { account } trunks(first: 50) { nodes { uuid } } gateway { budget { limitPerMinute remaining } } }';
    const made = await callsDuring(async () => {
      for (const [who, name, key] of [
        ['ada', 'amsterdam', 'df_live_amsterdam'],
        ['ben', 'berlin', 'df_live_berlin'],
      ] as const) {
        const { body } = await gateway.ask(bearers[who], asked);
        expect(body.data).toMatchObject({
          viewer: { account: name },
          gateway: { budget: { limitPerMinute: name === 'berlin' ? 40 : 50 } },
        });
        const uuids = (body.data?.['trunks'] as { nodes: { uuid: string }[] } | undefined)?.nodes.map(
          ({ uuid }) => uuid,
        );
        expect(uuids?.toSorted()).toEqual(
          world(key)
            .trunks.all()
            .map(({ uuid }) => uuid)
            .toSorted(),
        );
      }
    });
    expect(made).toEqual(['df_live_amsterdam GET /portal/sip-trunks', 'df_live_berlin GET /portal/sip-trunks']);
    expect(await callsDuring(() => gateway.ask(bearers.ada, '{ wallet { balance { amount } } }'))).toEqual([
      'df_live_amsterdam GET /wallet/balance',
    ]);
    const spent = async (who: Holder) =>
      (await gateway.ask(bearers[who], '{ gateway { budget { remaining } } }')).body.data;
    expect([await spent('ada'), await spent('ben')]).toEqual([
      { gateway: { budget: { remaining: 48 } } },
      { gateway: { budget: { remaining: 39 } } },
    ]);
  });

  test('one that is used up keeps nothing from the other', async () => {
    const { bearers } = gateway;
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status: 429,
      account: 'df_live_berlin',
      headers: { 'retry-after': '600' },
    });
    const refused = await gateway.ask(bearers.ben, '{ transactions(first: 1) { totalCount } }');
    expect(refused.body.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    expect((await gateway.ask(bearers.ada, '{ transactions(first: 1) { totalCount } }')).body.errors).toBeUndefined();
    gateway.sandbox.control.faults.clear();
    await gateway.clock.advance(600_000);
  });

  test('cursors, ids and keys of one are nothing in the other', async () => {
    const { bearers } = gateway;
    const { text } = await gateway.ask(
      bearers.ada,
      '{ trunks(first: 1) { nodes { id uuid } pageInfo { endCursor } } }',
    );
    const [, id, uuid, after] = /"id":"(.+?)","uuid":"(.+?)".+"endCursor":"(.+?)"/.exec(text) ?? [];
    const things = await gateway.ask(
      bearers.ben,
      `{ node(id: "${id}") { id } trunk(uuid: "${uuid}") { id } nodes(ids: ["${id}"]) { id } }`,
    );
    expect(things.body.data).toEqual({ node: null, trunk: null, nodes: [null] });
    const page = await gateway.ask(bearers.ben, 'query ($after: String) { trunks(after: $after) { totalCount } }', {
      after,
    });
    expect(page.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const filtered = await gateway.ask(bearers.ben, `{ numbers(filter: { trunk: "${id}" }) { totalCount } }`);
    expect(filtered.body.data).toEqual({ numbers: { totalCount: 0 } });

    const create = (name: string) =>
      `mutation { createTrunk(input: { name: "${name}", idempotencyKey: "same" }) { __typename ... on CreateTrunkPayload { trunk { uuid } } ... on Error { code } } }`;
    const made = await callsDuring(async () => {
      const one = await gateway.ask(bearers.ada, create('Of Ada'));
      const other = await gateway.ask(bearers.ben, create('Of Ben'));
      for (const { body } of [one, other])
        expect(body.data).toMatchObject({ createTrunk: { __typename: 'CreateTrunkPayload' } });
      expect(one.text).not.toBe(other.text);
    });
    expect(made.filter((call) => call.includes('POST'))).toEqual([
      'df_live_amsterdam POST /portal/sip-trunks',
      'df_live_berlin POST /portal/sip-trunks',
    ]);
    const found = await gateway.ask(bearers.ben, '{ operation(idempotencyKey: "same") { mutation } }');
    expect(found.body.data).toMatchObject({ operation: { mutation: 'createTrunk' } });
  });

  test('a trunk of the other is nothing to assign a number to', async () => {
    const [theirs] = world('df_live_berlin').trunks.all();
    const { body } = await gateway.ask(
      gateway.bearers.ada,
      'mutation ($trunk: ID!) { assignTrunkToClient(input: { trunk: $trunk, client: "Acme Corp" }) { __typename ... on Error { code } } }',
      { trunk: theirs?.uuid },
    );
    expect(body.data).toEqual({ assignTrunkToClient: { __typename: 'NotFoundError', code: 'NOT_FOUND' } });
  });

  test('clients of one name are two clients', async () => {
    for (const [who, key] of [
      ['acme', 'df_live_amsterdam'],
      ['acmeOfBerlin', 'df_live_berlin'],
    ] as const) {
      const { body } = await gateway.ask(gateway.bearers[who], '{ trunks(first: 50) { nodes { uuid } } }');
      const own = world(key)
        .trunks.all()
        .filter(({ name }) => name.trim().toLowerCase() === 'acme corp');
      const shown = (body.data?.['trunks'] as { nodes: { uuid: string }[] } | undefined)?.nodes ?? [];
      expect(shown.map(({ uuid }) => uuid).toSorted()).toEqual(own.map(({ uuid }) => uuid).toSorted());
      expect(own.length).toBeGreaterThan(0);
    }
  });

  test('one document that both subscribe to is two subscriptions', async () => {
    const document = 'subscription { events { ... on TrunkEvent { trunk { uuid } } } }';
    const [one, other] = [
      await gateway.follow(gateway.bearers.ada, document),
      await gateway.follow(gateway.bearers.ben, document),
    ];
    const [ofOne] = world('df_live_amsterdam').trunks.all();
    const [ofOther] = world('df_live_berlin').trunks.all();
    // The first event may come while each still reads the log by itself; those after it come to all who follow together.
    for (const event of ['trunk.offline', 'trunk.registered', 'trunk.offline']) {
      const took = [
        await gateway.deliver(event, { trunk_uuid: ofOther?.uuid }, to('berlin', secrets.berlin)),
        await gateway.deliver(event, { trunk_uuid: ofOne?.uuid }, to('amsterdam', secrets.amsterdam)),
      ];
      expect(took.map(({ status }) => status)).toEqual([200, 200]);
      expect(await one.take(1)).toEqual([{ trunk: { uuid: ofOne?.uuid } }]);
      expect(await other.take(1)).toEqual([{ trunk: { uuid: ofOther?.uuid } }]);
    }
    await one.leave();
    await other.leave();
  });

  test('how one is doing is told to its own viewers: not to the other’s, neither in the graph nor beside it', async () => {
    const { bearers, clock } = gateway;
    const url = await gateway.url();
    const of = async (who: Holder | null, path: string) => {
      // As a proxy at this machine passes on what comes from elsewhere.
      const headers = { ...(who && { ...bearers[who], 'x-forwarded-for': '203.0.113.9' }) };
      return (await clock.through(fetch(`${url}${path}`, { headers }))).text();
    };
    const [one, other] = [
      await gateway.follow(bearers.ada, 'subscription { events { id } }'),
      await gateway.follow(bearers.rita, 'subscription { events { id } }'),
    ];
    const third = await gateway.follow(bearers.rob, 'subscription { events { id } }');
    const subscribers = async (who: Holder) =>
      (await gateway.ask(bearers[who], '{ gateway { subscribers } }')).body.data;
    await expect.poll(() => subscribers('ada')).toEqual({ gateway: { subscribers: 1 } });
    await expect.poll(() => subscribers('rita')).toEqual({ gateway: { subscribers: 2 } });

    const ready = async (who: Holder | null) => Object.keys(JSON.parse(await of(who, '/health/ready')).checks.upstream);
    expect([await ready('ada'), await ready('rita'), await ready(null)]).toEqual([
      ['amsterdam'],
      ['berlin'],
      ['amsterdam', 'berlin', 'quiet'],
    ]);
    const whole = await of(null, '/metrics');
    expect(whole).toContain('gateway_operations_total{');
    expect(whole).toContain('gateway_subscribers 3\n');
    const seen = async (who: Holder) => {
      const lines = (await of(who, '/metrics')).split('\n').filter((line) => /^gateway/.test(line));
      return Object.fromEntries(lines.map((line) => line.split(' ')));
    };
    const { gateway_subscribers, gateway_upstream_remaining, ...rest } = await seen('rita');
    expect([gateway_subscribers, Number(gateway_upstream_remaining) <= 40]).toEqual(['2', true]);
    expect(Object.keys(rest)).toEqual(['gateway_upstream_queued', 'gateway_webhooks', 'gateway_webhook_commits']);
    expect((await seen('ada'))['gateway_subscribers']).toBe('1');
    expect(await of('acmeOfBerlin', '/metrics')).toBe('Not found\n');
    for (const stream of [one, other, third]) await stream.leave();
  });

  test('an event, of which one execution tells many, holds no viewer’s part of the ration', async () => {
    const { bearers } = gateway;
    expect((await gateway.ask(bearers.rita, '{ trunks { totalCount } }')).text).toContain('"viewer":{"limitPerMinute"');
    const streams = [
      await gateway.follow(bearers.rita, 'subscription { events { id } }'),
      await gateway.follow(bearers.rob, 'subscription { events { id } }'),
    ];
    const [trunk] = world('df_live_berlin').trunks.all();
    for (const event of ['trunk.offline', 'trunk.registered']) {
      await gateway.deliver(event, { trunk_uuid: trunk?.uuid }, to('berlin', secrets.berlin));
      for (const stream of streams) {
        let block = await stream.next();
        while (block.event !== 'next') block = await stream.next();
        expect(Object.keys(JSON.parse(block.data ?? '').extensions.upstream)).not.toContain('viewer');
      }
    }
    for (const stream of streams) await stream.leave();
  });

  test('numbers are imported into the one that is named, by default the first', async () => {
    const counts = async () =>
      Promise.all(
        (['ada', 'ben'] as const).map(
          async (who) => (await gateway.ask(gateway.bearers[who], '{ numbers { totalCount } }')).body.data,
        ),
      );
    const csv = (key: string) => gateway.sandbox.control.account(key).numbersCsv();
    await gateway.app.importNumbers(csv('df_live_berlin'), 'csv', 'berlin');
    expect(await counts()).toEqual([{ numbers: { totalCount: 0 } }, { numbers: { totalCount: 12 } }]);
    await gateway.app.importNumbers(csv('df_live_amsterdam'), 'csv');
    expect(await counts()).toEqual([{ numbers: { totalCount: 30 } }, { numbers: { totalCount: 12 } }]);
    await expect(gateway.app.importNumbers('[]', 'json', 'caller-x')).rejects.toThrow('no account');
  });
});

describe('a webhook', () => {
  const told = async (response: Response) => {
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id');
    return JSON.stringify([response.status, headers, await response.text()]);
  };
  const trunk = () => ({ trunk_uuid: world('df_live_berlin').trunks.all()[1]?.uuid });

  test.each([secrets.berlin, 'whsec_former'])(
    'is taken where it is signed with a secret of its account',
    async (secret) => {
      expect((await gateway.deliver('trunk.offline', trunk(), to('berlin', secret))).status).toBe(200);
    },
  );

  test('of another account’s secret, of an account without secrets, and of no account are refused in the same words', async () => {
    const wrong = [
      ['berlin', secrets.amsterdam],
      ['amsterdam', secrets.berlin],
      ['quiet', secrets.berlin],
      ['quiet', ''],
      ['nobody', secrets.berlin],
      ['nobody', ''],
      ['', secrets.amsterdam],
      ['__proto__', secrets.amsterdam],
      ['BERLIN', secrets.berlin],
      ['berlin/', secrets.berlin],
      ['%62erlin', secrets.berlin],
      [`caller-${'a'.repeat(43)}`, ''],
    ] as const;
    const events = async () => (await gateway.ask(gateway.bearers.ben, '{ events { totalCount } }')).text;
    const before = await events();
    const answers = new Set<string>();
    for (const [name, secret] of wrong)
      answers.add(await told(await gateway.deliver('trunk.offline', trunk(), to(name, secret))));
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('401');
    const unsigned = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    for (const name of ['berlin', 'quiet', 'nobody'])
      answers.add(await told(await gateway.fetch(`/webhooks/didfarm/${name}`, unsigned)));
    expect([...answers]).toHaveLength(1);
    expect(await events()).toBe(before);
  });

  test.each([
    ['too large', { method: 'POST', body: 'x'.repeat(300_000) }],
    ['a GET', {}],
  ])('that is %s is refused alike for every name', async (_, init) => {
    const answers = new Set<string>();
    for (const name of ['berlin', 'quiet', 'nobody'])
      answers.add(await told(await gateway.fetch(`/webhooks/didfarm/${name}`, init)));
    expect([...answers]).toHaveLength(1);
  });

  test('to no account by name is not found, as any other path', async () => {
    expect(
      await told(
        await gateway.deliver('trunk.offline', trunk(), { path: '/webhooks/didfarm', secret: secrets.amsterdam }),
      ),
    ).toBe(await told(await gateway.fetch('/nothing', { method: 'POST' })));
  });
});
