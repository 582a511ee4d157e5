import { expect, test } from 'vitest';
import {
  AssignNumberDocument,
  CreateTrunkDocument,
  NumberDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../../generated/graphql.ts';
import { eachDatabase } from '../../support/databases.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, buy, calls, later, minute, operation, rest, tell } from './lost.ts';

eachDatabase('a trunk whose creation was not answered', (_open, { url }) => {
  const create = (gateway: Gateway) =>
    gateway
      .ask(CreateTrunkDocument, { input: { name: 'Nieuwe Klant', idempotencyKey: 'k' } })
      .then(({ data }) => data?.createTrunk);

  test('is found in the listing, without its password', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    breakOnce(gateway, 'cut-after', '/portal/sip-trunks');
    expect(await create(gateway)).toMatchObject({ __typename: 'OutcomeUnknownError' });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    const { uuid } = gateway.sandbox.control.world.trunks.all().at(-1) ?? {};
    expect(await create(gateway)).toMatchObject({
      __typename: 'CreateTrunkPayload',
      trunk: { uuid, name: 'Nieuwe Klant' },
      credentials: null,
    });
    expect(calls(gateway, 'POST /portal/sip-trunks')).toBe(1);
  });

  test('fails where the listing does not show it for ten minutes', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    breakOnce(gateway, 'cut-before', '/portal/sip-trunks');
    await create(gateway);
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  });
});

eachDatabase('what only events tell', (_open, { url }) => {
  test('a routing stays unknown until an event of the number names the trunk', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { numbers, trunks } = gateway.sandbox.control.world;
    const [number] = numbers.all();
    const trunk = trunks.all().find(({ id }) => id !== number?.trunkId);
    const input = { number: number?.e164 ?? '', trunk: trunk?.uuid ?? '', idempotencyKey: 'k' };
    breakOnce(gateway, 'cut-after', '/portal/did-routing');
    await gateway.ask(AssignNumberDocument, { input });
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    await tell(gateway, 'number.activated', { number: number?.e164, trunk_uuid: trunk?.uuid });

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls(gateway, 'POST /portal/did-routing')).toBe(1);
  });

  test('a late event settles a routing and does not undo the one that came after it', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { numbers, trunks } = gateway.sandbox.control.world;
    const [number] = numbers.all();
    const [first, second] = trunks.all().filter(({ id }) => id !== number?.trunkId);
    const e164 = number?.e164 ?? '';
    const assign = (trunk: string | undefined, idempotencyKey: string) =>
      gateway.ask(AssignNumberDocument, { input: { number: e164, trunk: trunk ?? '', idempotencyKey } });
    breakOnce(gateway, 'cut-after', '/portal/did-routing');
    await assign(first?.uuid, 'k');
    const between = gateway.clock.now() + 1_000;
    await later(gateway, minute);
    await assign(second?.uuid, 'other');

    await gateway.deliver('number.activated', between, { number: e164, trunk_uuid: first?.uuid });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    const shown = await gateway.ask(NumberDocument, { e164 });
    expect(shown.data?.number?.trunk?.uuid).toBe(second?.uuid);
  });

  test('documents stay unknown until they were reviewed', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [item] = [{ e164: '+31201234567', country: 'NL', type: 'LOCAL' as const }];
    await buy(gateway, [item], 'bought');
    const documents = [
      {
        type: 'ID',
        filename: 'id.pdf',
        contentType: 'application/pdf',
        content: Buffer.from('%PDF-1.4 test').toString('base64'),
      },
    ];
    breakOnce(gateway, 'cut-after', '*regulatory/submit');
    await gateway.ask(SubmitRegulatoryDocument, {
      input: { number: item.e164, documents, idempotencyKey: 'k' },
    });
    await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    await tell(gateway, 'regulatory.approved', { number: item.e164 });

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    const { data } = await gateway.askText(`{ number(e164: "${item.e164}") { regulatoryStatus } }`);
    expect(data).toEqual({ number: { regulatoryStatus: 'APPROVED' } });
  });
});

eachDatabase('what DIDfarm shows of it', (_open, { url }) => {
  test('a text that was charged was sent', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const from =
      gateway.sandbox.control.world.numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')
        ?.e164 ?? '';
    const send = () =>
      gateway.ask(SendMessageDocument, {
        input: { from, to: '+31687654321', body: 'Tot morgen', idempotencyKey: 'k' },
      });
    breakOnce(gateway, 'cut-after', '/messages/send');
    expect((await send()).data?.sendMessage).toMatchObject({ __typename: 'OutcomeUnknownError' });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await send()).data?.sendMessage).toMatchObject({
      __typename: 'SendMessagePayload',
      text: { from, to: '+31687654321', segments: 1, cost: { amount: '0.008' } },
    });
    expect(gateway.sandbox.control.world.messages.all()).toHaveLength(1);
  });

  test('new credentials are seen by the username that is listed', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    await gateway.askText('{ trunks { nodes { uuid } } }');
    breakOnce(gateway, 'cut-after', '*regenerate-credentials');
    await gateway.ask(RegenerateTrunkCredentialsDocument, { input: { trunk: trunk?.uuid ?? '', idempotencyKey: 'k' } });
    await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls(gateway, 'POST /portal/sip-trunks/{uuid}/regenerate-credentials')).toBe(1);
  });
});
