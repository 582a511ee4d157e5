import { describe, expect, test } from 'vitest';
import { CreateTrunkDocument, OperationDocument, TrunkDocument } from '../generated/graphql.ts';
import { startGateway } from '../support/gateway.ts';

const route = 'POST /portal/sip-trunks';

describe('createTrunk', () => {
  test('makes a trunk, shows its credentials in this answer, and the next query has it', async () => {
    await using gateway = await startGateway();
    const input = { name: '  New Client ', idempotencyKey: 'trunk-1' };
    const made = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    const truth = gateway.sandbox.control.world.trunks.all().at(-1);
    expect(made).toMatchObject({
      __typename: 'CreateTrunkPayload',
      idempotencyKey: 'trunk-1',
      trunk: {
        uuid: truth?.uuid,
        sipTrunkId: truth?.id,
        name: 'New Client',
        status: 'PROVISIONING',
        authType: 'digest',
        username: truth?.username,
        client: { name: 'New Client' },
      },
      credentials: {
        sipServer: 'sip.didfarm.com',
        username: truth?.username,
        password: expect.stringMatching(/^.{24}$/),
      },
    });
    const shown = await gateway.ask(TrunkDocument, { uuid: String(truth?.uuid) });
    expect(shown.data?.trunk).toMatchObject({ name: 'New Client', client: { name: 'New Client' } });
    expect(gateway.sandbox.control.calls().routes[route]).toBe(1);
  });

  test('a repeat of the key makes nothing, and answers without the password', async () => {
    await using gateway = await startGateway();
    const input = { name: 'New Client', idempotencyKey: 'trunk-1' };
    const first = await gateway.ask(CreateTrunkDocument, { input });
    gateway.sandbox.control.resetCalls();
    const again = await gateway.ask(CreateTrunkDocument, { input: { ...input, authType: 'digest' } });
    expect(again.data?.createTrunk).toEqual({ ...first.data?.createTrunk, credentials: null });
    expect(gateway.sandbox.control.calls().total).toBe(0);
    const [payload, other] = await Promise.all([
      gateway.ask(CreateTrunkDocument, { input: { name: 'Another', idempotencyKey: 'trunk-2' } }),
      gateway.ask(CreateTrunkDocument, { input: { name: 'Another', idempotencyKey: 'trunk-2' } }),
    ]);
    const shown = [payload, other].map((answer) => JSON.stringify(answer).includes('"password":"'));
    expect(shown.sort()).toEqual([false, true]);
    expect(gateway.sandbox.control.calls().routes[route]).toBe(1);
  });

  test('the password is in the record of no operation', async () => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(CreateTrunkDocument, { input: { name: 'New Client', idempotencyKey: 'k' } });
    const made = answer.data?.createTrunk;
    const password = made?.__typename === 'CreateTrunkPayload' ? made.credentials?.password : undefined;
    expect(password).toHaveLength(24);
    const { db } = gateway.app.storage;
    const kept = [
      await db.selectFrom('operations').selectAll().execute(),
      await db.selectFrom('operation_steps').selectAll().execute(),
      await db.selectFrom('trunks').selectAll().execute(),
      await db.selectFrom('snapshots').selectAll().execute(),
    ];
    expect(JSON.stringify(kept)).toContain('New Client');
    expect(JSON.stringify(kept)).not.toContain(password);
    expect(gateway.log.join()).not.toContain(password);
  });

  test('what was there is recorded before it is sent, so that a lost answer can be told from it', async () => {
    await using gateway = await startGateway();
    await gateway.ask(CreateTrunkDocument, { input: { name: 'New Client', idempotencyKey: 'k' } });
    const [step] = await gateway.app.storage.db.selectFrom('operation_steps').selectAll().execute();
    const { name, known } = JSON.parse(String(step?.evidence));
    expect(step).toMatchObject({ name: 'create-trunk', status: 'SUCCEEDED' });
    const before = gateway.sandbox.control.world.trunks.all().slice(0, -1);
    expect([name, known.sort()]).toEqual(['New Client', before.map((trunk) => trunk.uuid).sort()]);
  });

  test.each([
    ['no name', ''],
    ['blanks alone', '   '],
    ['256 characters', 'x'.repeat(256)],
    ['a line break', 'New\nClient'],
  ])('%s is refused before anything is sent', async (_, name) => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(CreateTrunkDocument, { input: { name } });
    expect(answer.data?.createTrunk).toMatchObject({ __typename: 'ValidationError', fields: [{ path: 'name' }] });
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test("what DIDfarm refuses comes back at the input's own field", async () => {
    await using gateway = await startGateway();
    const answer = await gateway.ask(CreateTrunkDocument, { input: { name: 'New Client', authType: 'none' } });
    expect(answer.data?.createTrunk).toMatchObject({
      __typename: 'ValidationError',
      code: 'VALIDATION_ERROR',
      fields: [{ path: 'authType' }],
    });
  });

  test.each([
    ['a uuid alone', { createdTrunkIdentity: 'uuid' }, { sipTrunkId: null }],
    ['no envelope', { envelope: 'bare' }, { status: 'PROVISIONING' }],
    ['a status that nobody knows', { trunkStatus: 'unknown' }, { status: 'UNKNOWN' }],
    ['fields that nobody knows', { extraFields: true }, { status: 'PROVISIONING' }],
    ['no username', { missingFields: ['created_trunk.username'] }, { username: null }],
  ] as const)('an answer with %s is read', async (_, variant, expected) => {
    await using gateway = await startGateway();
    gateway.sandbox.control.variants.set(structuredClone(variant) as object);
    const answer = await gateway.ask(CreateTrunkDocument, { input: { name: 'New Client' } });
    expect(answer.data?.createTrunk).toMatchObject({ __typename: 'CreateTrunkPayload', trunk: expected });
  });

  test.each([
    ['an empty answer', { kind: 'empty', processed: true }],
    ['an answer without its password', undefined],
    ['an answer that is cut', { kind: 'cut-after' }],
    ['a 500', { kind: 'status', processed: true }],
  ] as const)('after %s the outcome is unknown, and it is not sent again', async (_, fault) => {
    await using gateway = await startGateway();
    const { control } = gateway.sandbox;
    if (fault) control.faults.add({ ...fault, method: 'POST', path: '/portal/sip-trunks' });
    else control.variants.set({ missingFields: ['created_trunk.password'] });
    const input = { name: 'New Client', idempotencyKey: 'lost' };
    const lost = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    expect(lost).toMatchObject({
      __typename: 'OutcomeUnknownError',
      code: 'OUTCOME_UNKNOWN',
      operation: { idempotencyKey: 'lost', mutation: 'createTrunk', steps: [{ name: 'create-trunk' }] },
    });
    control.faults.clear();
    await gateway.ask(CreateTrunkDocument, { input });
    expect(control.calls().routes[route]).toBe(1);
    expect(control.world.trunks.all().filter((trunk) => trunk.name === 'New Client')).toHaveLength(1);
  });

  test('while DIDfarm cannot even list its trunks nothing is sent, and the same key tries again', async () => {
    await using gateway = await startGateway();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 404, method: 'GET', path: '/portal/sip-trunks' });
    const input = { name: 'New Client', idempotencyKey: 'k' };
    const refused = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    expect(refused).toMatchObject({ __typename: 'UpstreamError', status: 404 });
    expect(gateway.sandbox.control.calls().routes[route]).toBeUndefined();
    const operation = (await gateway.ask(OperationDocument, { idempotencyKey: 'k' })).data?.operation;
    expect(operation).toMatchObject({ status: 'FAILED', steps: [], error: { __typename: 'UpstreamError' } });
    gateway.sandbox.control.faults.clear();
    await gateway.clock.advance(60_000);
    const made = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    expect(made?.__typename).toBe('CreateTrunkPayload');
  });

  test('a 429 that lasts tells when to come again, with the same key; a short one is waited out', async () => {
    await using gateway = await startGateway();
    const { control } = gateway.sandbox;
    const refuse = (seconds: string) =>
      control.faults.add({
        kind: 'status',
        status: 429,
        headers: { 'retry-after': seconds },
        method: 'POST',
        path: '/portal/sip-trunks',
        times: 1,
      });
    const input = { name: 'New Client', idempotencyKey: 'k' };
    refuse('90');
    const refused = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    expect(refused).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED', retryAfterSeconds: 90 });
    await gateway.clock.advance(90_000);
    control.resetCalls();
    refuse('2');
    const made = (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
    expect(made?.__typename).toBe('CreateTrunkPayload');
    expect(control.calls().routes[route]).toBe(2);
    expect(control.world.trunks.all().filter((trunk) => trunk.name === 'New Client')).toHaveLength(1);
  });
});
