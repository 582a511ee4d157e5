import { describe, expect, test } from 'vitest';
import { ClientDocument, ClientsDocument, TrunksDocument } from '../generated/graphql.ts';
import { startGateway } from '../support/gateway.ts';

describe('clients', () => {
  test('are the trunks that carry one name, in any case and with spaces around', async () => {
    await using gateway = await startGateway();
    const truth = Map.groupBy(gateway.sandbox.control.world.trunks.all(), (trunk) => trunk.name.trim().toLowerCase());
    const clients = (await gateway.ask(ClientsDocument, { first: 100 })).data?.clients;
    expect(clients?.totalCount).toBe(truth.size);
    expect(clients?.nodes.map((client) => [client.name.toLowerCase(), client.trunks.totalCount])).toEqual(
      [...truth].map(([name, trunks]) => [name, trunks.length]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  });

  test('one is found by name in any case, with its trunks and their numbers', async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(ClientDocument, { name: '  ACME corp ' });
    const uuids = gateway.sandbox.control.world.trunks
      .all()
      .filter((trunk) => trunk.name.trim().toLowerCase() === 'acme corp')
      .map((trunk) => trunk.uuid);
    expect(data?.client?.trunks.nodes.map((trunk) => trunk.uuid).sort()).toEqual(uuids.sort());
    const lines = gateway.sandbox.control.numbersCsv().split('\n');
    const expected = lines
      .filter((line) => uuids.some((uuid) => line.includes(uuid)))
      .map((line) => line.split(',')[0]);
    expect(data?.client?.numbers.nodes.map((number) => number.e164)).toEqual(expected.sort());
    expect((await gateway.ask(ClientDocument, { name: 'Nobody' })).data?.client).toBeNull();
  });

  test('has one name wherever it is read, so that a frontend that keeps it by id never sees it flicker', async () => {
    await using gateway = await startGateway();
    const trunks = (await gateway.ask(TrunksDocument, { first: 100 })).data?.trunks?.nodes ?? [];
    const names = Map.groupBy(trunks, (trunk) => trunk.client.id);
    for (const own of names.values()) expect(new Set(own.map((trunk) => trunk.client.name)).size).toBe(1);
  });

  test('are searched in any case, beyond ASCII too', async () => {
    await using gateway = await startGateway();
    const found = (await gateway.ask(ClientsDocument, { search: 'MÜLLER' })).data?.clients;
    expect(found?.nodes.map((client) => client.name.toLowerCase())).toEqual(['müller & söhne gmbh']);
  });
});
