import { describe, expect, test } from 'vitest';
import { CreateTrunkDocument, OperationDocument, RegenerateTrunkCredentialsDocument } from '../generated/graphql.ts';
import { changes, pass, startVariant } from '../support/deeds.ts';
import type { Gateway } from '../support/gateway.ts';

const minute = 60_000;
const renewing = 'POST /portal/sip-trunks/{uuid}/regenerate-credentials';

const start = () => startVariant({ variants: {} });

async function statusOf(gateway: Gateway, idempotencyKey: string) {
  return (await gateway.ask(OperationDocument, { idempotencyKey })).data?.operation?.status;
}

async function regenerate(gateway: Gateway, trunk: string | undefined, idempotencyKey: string) {
  const answer = await gateway.ask(RegenerateTrunkCredentialsDocument, {
    input: { trunk: trunk ?? '', idempotencyKey },
  });
  expect(answer.errors).toBeUndefined();
  return answer.data?.regenerateTrunkCredentials.__typename;
}

function cutRegeneration({ sandbox }: Gateway, kind: 'cut-before' | 'cut-after') {
  sandbox.control.faults.add({ kind, method: 'POST', path: '*regenerate-credentials', times: 1 });
}

describe('a regeneration whose answer was lost', () => {
  test('is not taken for done because of another one of the same trunk', async () => {
    await using gateway = await start();
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    cutRegeneration(gateway, 'cut-before');
    expect(await regenerate(gateway, trunk?.uuid, 'lost')).toBe('OutcomeUnknownError');
    await pass(gateway, minute);
    expect(await regenerate(gateway, trunk?.uuid, 'other')).toBe('RegenerateTrunkCredentialsPayload');
    for (let passed = 0; passed < 12; passed++) await pass(gateway, minute);

    expect(await statusOf(gateway, 'lost')).toBe('UNKNOWN');
    expect(await regenerate(gateway, trunk?.uuid, 'lost')).toBe('OutcomeUnknownError');
    expect(changes(gateway)).toEqual({ [renewing]: 2 });
    expect(
      gateway.sandbox.control.callLog().filter(({ route, status }) => route === renewing && status === 200),
    ).toHaveLength(1);
  });

  test('is found out about though that of another trunk was made meanwhile', async () => {
    await using gateway = await start();
    const [trunk, other] = gateway.sandbox.control.world.trunks.all();
    const before = trunk?.username;
    cutRegeneration(gateway, 'cut-after');
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, method: 'GET', path: '/portal/sip-trunks' });
    expect(await regenerate(gateway, trunk?.uuid, 'lost')).toBe('OutcomeUnknownError');
    expect(await regenerate(gateway, other?.uuid, 'other')).toBe('RegenerateTrunkCredentialsPayload');
    expect(await statusOf(gateway, 'lost')).toBe('UNKNOWN');
    gateway.sandbox.control.faults.clear();
    for (let passed = 0; passed < 3; passed++) await pass(gateway, minute);

    expect(gateway.sandbox.control.world.trunks.byUuid(trunk?.uuid ?? '')?.username).not.toBe(before);
    expect(await statusOf(gateway, 'lost')).toBe('SUCCEEDED');
    expect(changes(gateway)).toEqual({ [renewing]: 2 });
  });
});

describe('a trunk whose creation was not answered', () => {
  async function losing(gateway: Gateway, written: string, name: string) {
    const { trunks } = gateway.sandbox.control.world;
    const create = trunks.create;
    // DIDfarm keeps the name in its own way.
    trunks.create = (_name, authType) => create(written, authType);
    gateway.sandbox.control.faults.add({ kind: 'cut-after', method: 'POST', path: '/portal/sip-trunks', times: 1 });
    const send = () => gateway.ask(CreateTrunkDocument, { input: { name, idempotencyKey: 'k' } });
    expect((await send()).data?.createTrunk.__typename).toBe('OutcomeUnknownError');
    await pass(gateway, minute);
    return send;
  }

  test.each([
    ['in capitals', 'MÜLLER & SÖHNE NEU'],
    ['in small letters', 'müller & söhne neu'],
    ['with blanks around it', '  Müller & Söhne Neu '],
    ['with more blanks in it', 'Müller  &   Söhne\u00a0Neu'],
    ['with its accents apart', 'Müller & Söhne Neu'.normalize('NFD')],
  ])('is recognised %s', async (_, written) => {
    await using gateway = await start();
    const send = await losing(gateway, written, 'Müller & Söhne Neu');
    const made = gateway.sandbox.control.world.trunks.all().at(-1);

    expect(await statusOf(gateway, 'k')).toBe('SUCCEEDED');
    expect((await send()).data?.createTrunk).toMatchObject({
      __typename: 'CreateTrunkPayload',
      trunk: { uuid: made?.uuid },
      credentials: null,
    });
    expect(changes(gateway)).toEqual({ 'POST /portal/sip-trunks': 1 });
  });

  test('is not taken for one of another name', async () => {
    await using gateway = await start();
    await losing(gateway, 'Müller & Söhne Neuss', 'Müller & Söhne Neu');
    expect(await statusOf(gateway, 'k')).toBe('UNKNOWN');
  });

  test('is not denied while DIDfarm lists a new one of another name: it may have been cut short', async () => {
    await using gateway = await start();
    await losing(gateway, 'Müller & Söh', 'Müller & Söhne Neu');
    for (let passed = 0; passed < 14; passed++) await pass(gateway, minute);

    const { data } = await gateway.ask(OperationDocument, { idempotencyKey: 'k' });
    expect(data?.operation).toMatchObject({ status: 'UNKNOWN', error: null });
    const { findings } = (
      (await gateway.askText('{ operation(idempotencyKey: "k") { findings } }')).data as {
        operation: { findings: string[] };
      }
    ).operation;
    expect(findings.join(' ')).toContain('Müller & Söh)');
  });
});
