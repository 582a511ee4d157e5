import { describe, expect, test } from 'vitest';
import {
  AssignNumberDocument,
  CheckoutDocument,
  ClientDocument,
  CreateTrunkDocument,
  NumberDocument,
  OperationDocument,
} from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const route = 'POST /portal/did-routing';
const e164 = '+31201234567';

async function assign(gateway: Gateway, number: string, trunk: string, idempotencyKey?: string) {
  const input = { number, trunk, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
  const answer = await gateway.ask(AssignNumberDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.assignNumber;
}

async function bought(gateway: Gateway) {
  await gateway.ask(CheckoutDocument, { input: { items: [{ e164, country: 'NL', type: 'LOCAL' }] } });
  const trunk = gateway.sandbox.control.world.trunks.all()[1];
  if (trunk === undefined) throw new Error('The sandbox has no second trunk');
  return trunk;
}

const routed = (gateway: Gateway) => gateway.sandbox.control.calls().routes[route] ?? 0;

describe('assignNumber', () => {
  test('routes the number, and the next query shows it with its trunk and client', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    const done = await assign(gateway, e164, trunk.uuid, 'route-1');
    expect(done).toMatchObject({
      __typename: 'AssignNumberPayload',
      idempotencyKey: 'route-1',
      number: { e164, trunk: { uuid: trunk.uuid }, client: { name: expect.any(String) } },
      trunk: { uuid: trunk.uuid },
    });
    expect(done?.__typename === 'AssignNumberPayload' && done.trunk.numbers.nodes).toContainEqual({ e164 });
    expect(gateway.sandbox.control.world.numbers.byE164(e164)?.trunkId).toBe(trunk.id);
    const client = (await gateway.ask(ClientDocument, { name: trunk.name })).data?.client;
    expect(client?.numbers.nodes).toContainEqual({ e164 });
    expect(routed(gateway)).toBe(1);
  });

  test('what the number costs is its client’s from then on', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    const spent = async () => {
      const { data } = await gateway.askText(
        `query ($name: String!) { client(name: $name) { transactions(filter: {search: "Order #"}) { nodes { amount { amount } } } } }`,
        { name: trunk.name },
      );
      return JSON.stringify(data);
    };
    const before = await spent();
    await assign(gateway, e164, trunk.uuid);
    const after = await spent();
    expect([before.split('-1.50').length, after.split('-1.50').length]).toEqual([
      before.split('-1.50').length,
      before.split('-1.50').length + 1,
    ]);
  });

  test('a repeat of the key routes nothing, in whichever way the trunk is named', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    const id = Buffer.from(`Trunk:${trunk.uuid}`).toString('base64url');
    const first = await assign(gateway, e164, trunk.uuid, 'k');
    gateway.sandbox.control.resetCalls();
    expect(await assign(gateway, e164, id, 'k')).toEqual(first);
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test('what is recorded before it is sent names both', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    await assign(gateway, e164, trunk.uuid, 'k');
    const steps = await gateway.app.storage.db.selectFrom('operation_steps').selectAll().execute();
    const evidence = steps.find((step) => step.name === 'route-number')?.evidence;
    expect(JSON.parse(String(evidence))).toEqual({ e164, trunk: trunk.uuid });
  });

  test('a number that was imported without its id is refused, and how to supply it is said; then the same key does it', async () => {
    await using gateway = await startGateway({ imported: false });
    const trunk = gateway.sandbox.control.world.trunks.all()[1];
    const own = gateway.sandbox.control.world.numbers.byId(1);
    const number = String(own?.e164);
    await gateway.app.importNumbers(`e164\n${number}`, 'csv');
    const refused = await assign(gateway, number, String(trunk?.uuid), 'k');
    expect(refused).toMatchObject({
      __typename: 'ValidationError',
      code: 'NUMBER_ID_UNKNOWN',
      fields: [{ path: 'number', message: expect.stringContaining('did_number_id') }],
    });
    expect(routed(gateway)).toBe(0);
    await gateway.app.importNumbers(`e164,did_number_id\n${number},1`, 'csv');
    expect((await assign(gateway, number, String(trunk?.uuid), 'k'))?.__typename).toBe('AssignNumberPayload');
  });

  test('a trunk that was made without its number is listed again before it is routed to', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { createdTrunkIdentity: 'uuid' } } });
    await bought(gateway);
    await gateway.ask(CreateTrunkDocument, { input: { name: 'New Client' } });
    const trunk = gateway.sandbox.control.world.trunks.all().at(-1);
    expect((await assign(gateway, e164, String(trunk?.uuid)))?.__typename).toBe('AssignNumberPayload');
    expect(gateway.sandbox.control.world.numbers.byE164(e164)?.trunkId).toBe(trunk?.id);
  });

  test('a trunk that is never listed with its number is refused, and that is said', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { trunkIdentity: 'uuid' } } });
    const trunk = await bought(gateway);
    expect(await assign(gateway, e164, trunk.uuid, 'k')).toMatchObject({
      __typename: 'ValidationError',
      code: 'TRUNK_ID_UNKNOWN',
      fields: [{ path: 'trunk' }],
    });
    expect(routed(gateway)).toBe(0);
    gateway.sandbox.control.variants.set({ trunkIdentity: 'both' });
    expect((await assign(gateway, e164, trunk.uuid, 'k'))?.__typename).toBe('AssignNumberPayload');
  });

  test('what is not the account’s is not found, and nothing is sent', async () => {
    const other = { apiKey: 'df_live_other', seed: 2, trunks: 3, numbers: 3 };
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    const trunk = await bought(gateway);
    const foreign = gateway.sandbox.control.account(other.apiKey).world;
    const own = gateway.sandbox.control.world.numbers;
    const number = foreign.numbers.all().find((each) => own.byE164(each.e164) === undefined);
    const theirs = { trunk: String(foreign.trunks.all()[0]?.uuid), number: String(number?.e164) };
    const numberId = Buffer.from(`Number:${e164}`).toString('base64url');
    const refusals = [
      await assign(gateway, e164, theirs.trunk),
      await assign(gateway, theirs.number, trunk.uuid),
      await assign(gateway, e164, 'trk_nothing'),
      await assign(gateway, e164, numberId),
      await assign(gateway, e164, ''),
    ];
    expect(refusals.map((refusal) => refusal?.__typename)).toEqual(Array(5).fill('NotFoundError'));
    expect(routed(gateway)).toBe(0);
  });

  test('a refusal by DIDfarm leaves the number where it was', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    const { world } = gateway.sandbox.control;
    world.numbers.change(Number(world.numbers.byE164(e164)?.id), { status: 'released' });
    expect(await assign(gateway, e164, trunk.uuid)).toMatchObject({
      __typename: 'ValidationError',
      code: 'NUMBER_RELEASED',
    });
    expect((await gateway.ask(NumberDocument, { e164 })).data?.number?.trunk).toBeNull();
  });

  test('an answer that is lost leaves the number where it was known to be, and is not sent again', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    gateway.sandbox.control.faults.add({ kind: 'cut-after', path: '/portal/did-routing' });
    expect((await assign(gateway, e164, trunk.uuid, 'lost'))?.__typename).toBe('OutcomeUnknownError');
    gateway.sandbox.control.faults.clear();
    await assign(gateway, e164, trunk.uuid, 'lost');
    expect(routed(gateway)).toBe(1);
    const operation = (await gateway.ask(OperationDocument, { idempotencyKey: 'lost' })).data?.operation;
    expect(operation?.steps).toMatchObject([{ name: 'route-number' }]);
  });

  test('an answer with an empty body is as good as any: what was asked for is what holds', async () => {
    await using gateway = await startGateway();
    const trunk = await bought(gateway);
    gateway.sandbox.control.faults.add({ kind: 'empty', processed: true, path: '/portal/did-routing' });
    expect(await assign(gateway, e164, trunk.uuid)).toMatchObject({ number: { trunk: { uuid: trunk.uuid } } });
  });
});
