import { describe, expect, test } from 'vitest';
import { AssignTrunkToClientDocument, ClientDocument, TrunkDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

async function assign(gateway: Gateway, trunk: string, client: string) {
  const answer = await gateway.ask(AssignTrunkToClientDocument, { input: { trunk, client } });
  expect(answer.errors).toBeUndefined();
  return answer.data?.assignTrunkToClient;
}

/** A trunk with numbers whose client has no other. */
async function lonely(gateway: Gateway) {
  const { trunks, numbers } = gateway.sandbox.control.world;
  const clients = Map.groupBy(trunks.all(), (trunk) => trunk.name.trim().toLowerCase());
  const trunk = [...clients.values()].find((own) => own.length === 1)?.[0];
  const count = numbers
    .all()
    .filter((number) => number.trunkId === trunk?.id)
    .toArray().length;
  return { uuid: String(trunk?.uuid), name: String(trunk?.name), count };
}

const clientNamed = async (gateway: Gateway, name: string) =>
  (await gateway.ask(ClientDocument, { name })).data?.client;

describe('assignTrunkToClient', () => {
  test('puts a trunk under a new client, with its numbers; the client of its own name is gone', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 3 } });
    const { uuid, name, count } = await lonely(gateway);
    expect(count).toBeGreaterThan(0);
    expect(await assign(gateway, uuid, ' Holding ')).toMatchObject({
      __typename: 'AssignTrunkToClientPayload',
      trunk: { uuid, name, client: { name: 'Holding' } },
      client: { name: 'Holding', trunks: { nodes: [{ uuid }] }, numbers: { totalCount: count } },
    });
    expect(await clientNamed(gateway, 'holding')).toMatchObject({ name: 'Holding', numbers: { totalCount: count } });
    expect(await clientNamed(gateway, name)).toBeNull();
    expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 1 });
  });

  test('stays so when DIDfarm lists the trunk again, until it is put under its own name', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 3 } });
    const { uuid, name } = await lonely(gateway);
    await assign(gateway, uuid, 'Holding');
    await gateway.clock.advance(300_000);
    expect((await gateway.ask(TrunkDocument, { uuid })).data?.trunk).toMatchObject({
      name,
      client: { name: 'Holding' },
    });
    await assign(gateway, uuid, name.toUpperCase());
    expect(await clientNamed(gateway, 'Holding')).toBeNull();
    expect(await clientNamed(gateway, name)).toMatchObject({ name, trunks: { nodes: [{ uuid }] } });
    const row = await gateway.app.storage.db
      .selectFrom('trunks')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    expect(row?.client_override).toBeNull();
  });

  test('takes the global ids of both', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 3 } });
    const { uuid } = await lonely(gateway);
    const other = gateway.sandbox.control.world.trunks.all().find((trunk) => trunk.uuid !== uuid);
    const client = await clientNamed(gateway, String(other?.name));
    const trunk = Buffer.from(`Trunk:${uuid}`).toString('base64url');
    expect(await assign(gateway, trunk, String(client?.id))).toMatchObject({
      client: { id: client?.id, name: client?.name },
    });
  });

  test.each([
    ['no name', ' '],
    ['256 characters', 'x'.repeat(256)],
  ])('a client of %s is refused', async (_, client) => {
    await using gateway = await startGateway({ sandbox: { trunks: 3 } });
    const { uuid } = await lonely(gateway);
    expect(await assign(gateway, uuid, client)).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'client' }],
    });
  });

  test('a trunk or a client’s id that is not there is not found', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 3 } });
    const { uuid } = await lonely(gateway);
    const nobody = Buffer.from('Client:nobody').toString('base64url');
    const refusals = [await assign(gateway, 'trk_nothing', 'Holding'), await assign(gateway, uuid, nobody)];
    expect(refusals.map((refusal) => refusal?.__typename)).toEqual(['NotFoundError', 'NotFoundError']);
    expect(await clientNamed(gateway, 'Holding')).toBeNull();
  });
});
