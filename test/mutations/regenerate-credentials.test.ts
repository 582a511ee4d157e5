import { describe, expect, test } from 'vitest';
import { RegenerateTrunkCredentialsDocument, TrunkDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const route = 'POST /portal/sip-trunks/{uuid}/regenerate-credentials';
const path = '/portal/sip-trunks/*/regenerate-credentials';

async function regenerate(gateway: Gateway, trunk: string, idempotencyKey = 'k') {
  const answer = await gateway.ask(RegenerateTrunkCredentialsDocument, { input: { trunk, idempotencyKey } });
  expect(answer.errors).toBeUndefined();
  return answer.data?.regenerateTrunkCredentials;
}

function registered(gateway: Gateway) {
  const trunk = gateway.sandbox.control.world.trunks.all().find(({ status }) => status === 'registered');
  if (trunk === undefined) throw new Error('The sandbox has no registered trunk');
  return trunk;
}

describe('regenerateTrunkCredentials', () => {
  test('shows the new credentials this once; the next query shows the new name, and that the PBX is off', async () => {
    await using gateway = await startGateway();
    const before = registered(gateway);
    await gateway.ask(TrunkDocument, { uuid: before.uuid });
    const done = await regenerate(gateway, before.uuid);
    const username = gateway.sandbox.control.world.trunks.byUuid(before.uuid)?.username;
    expect(username).not.toBe(before.username);
    expect(done).toMatchObject({
      __typename: 'RegenerateTrunkCredentialsPayload',
      trunk: { uuid: before.uuid, username },
      credentials: { sipServer: 'sip.didfarm.com', username, password: expect.stringMatching(/^.{24}$/) },
    });
    expect((await gateway.ask(TrunkDocument, { uuid: before.uuid })).data?.trunk).toMatchObject({ status: 'OFFLINE' });
    expect(gateway.sandbox.control.calls().routes[route]).toBe(1);
  });

  test('a repeat of the key disconnects nobody again, and answers without the password, which is kept nowhere', async () => {
    await using gateway = await startGateway();
    const { uuid } = registered(gateway);
    const first = await regenerate(gateway, uuid);
    const again = await regenerate(gateway, Buffer.from(`Trunk:${uuid}`).toString('base64url'));
    expect(again).toEqual({ ...first, credentials: null });
    expect(gateway.sandbox.control.calls().routes[route]).toBe(1);
    const password = first?.__typename === 'RegenerateTrunkCredentialsPayload' && first.credentials?.password;
    const { db } = gateway.app.storage;
    const kept = [
      await db.selectFrom('operations').selectAll().execute(),
      await db.selectFrom('operation_steps').selectAll().execute(),
      await db.selectFrom('trunks').selectAll().execute(),
      gateway.log,
    ];
    expect(password).toHaveLength(24);
    expect(JSON.stringify(kept)).not.toContain(password);
  });

  test('a trunk that is not there is not found; one that DIDfarm lists without its uuid is refused', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { trunkIdentity: 'id' } }, imported: false });
    expect((await regenerate(gateway, 'trk_nothing', 'a'))?.__typename).toBe('NotFoundError');
    expect(await regenerate(gateway, 'id-1', 'b')).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'trunk' }],
    });
    expect(gateway.sandbox.control.calls().routes[route]).toBeUndefined();
  });

  test('a key that cannot be used is refused as data too', async () => {
    await using gateway = await startGateway();
    expect(await regenerate(gateway, registered(gateway).uuid, 'k'.repeat(10_000))).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'idempotencyKey' }],
    });
  });

  test.each([
    ['without an answer', { kind: 'cut-after' }],
    ['with an answer that has no password', { kind: 'empty', processed: true }],
  ] as const)('%s the outcome is unknown, and it is not sent again', async (_, fault) => {
    await using gateway = await startGateway();
    const { uuid } = registered(gateway);
    gateway.sandbox.control.faults.add({ ...fault, path });
    expect((await regenerate(gateway, uuid))?.__typename).toBe('OutcomeUnknownError');
    gateway.sandbox.control.faults.clear();
    await regenerate(gateway, uuid);
    expect(gateway.sandbox.control.calls().routes[route]).toBe(1);
    const [step] = await gateway.app.storage.db.selectFrom('operation_steps').selectAll().execute();
    expect(JSON.parse(String(step?.evidence))).toEqual({ trunk: uuid, username: expect.any(String) });
  });
});
