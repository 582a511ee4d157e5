import { describe, expect, test } from 'vitest';
import {
  type ImportedNumberInput,
  ImportNumbersDocument,
  NumberDocument,
  NumbersDocument,
} from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const amsterdam = '+31201234567';
const berlin = '+4930551234567';

async function load(gateway: Gateway, numbers: ImportedNumberInput[]) {
  const answer = await gateway.ask(ImportNumbersDocument, { input: { numbers } });
  expect(answer.errors).toBeUndefined();
  return answer.data?.importNumbers;
}

const start = () => startGateway({ imported: false });

describe('importNumbers', () => {
  test('loads numbers with what is known of them, and the next query has them', async () => {
    await using gateway = await start();
    const trunk = gateway.sandbox.control.world.trunks.all()[0];
    const done = await load(gateway, [
      {
        e164: '+31 20 123 4567',
        didNumberId: 42,
        country: 'nl',
        type: 'LOCAL',
        city: 'Amsterdam',
        smsEnabled: false,
        trunk: trunk?.uuid,
      },
      { e164: berlin },
    ]);
    expect(done).toEqual({ __typename: 'ImportNumbersPayload', imported: 2, updated: 0 });
    const shown = (await gateway.ask(NumberDocument, { e164: amsterdam })).data?.number;
    expect(shown).toMatchObject({
      didNumberId: 42,
      status: 'UNKNOWN',
      smsEnabled: false,
      trunk: { uuid: trunk?.uuid },
      client: { name: expect.stringMatching(/^Acme Corp$/i) },
    });
    expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 1 });
  });

  test('again changes nothing; what is left out stays, what is new is counted', async () => {
    await using gateway = await start();
    await load(gateway, [{ e164: amsterdam, didNumberId: 42, city: 'Amsterdam' }, { e164: berlin }]);
    expect(await load(gateway, [{ e164: amsterdam, didNumberId: 42 }])).toMatchObject({ imported: 0, updated: 0 });
    const later = [{ e164: amsterdam, smsEnabled: true }, { e164: berlin }, { e164: '+442079123456' }];
    expect(await load(gateway, later)).toMatchObject({ imported: 1, updated: 1 });
    const row = (await gateway.ask(NumbersDocument, {})).data?.numbers?.nodes.find(
      (number) => number.e164 === amsterdam,
    );
    expect(row).toMatchObject({ didNumberId: 42, city: 'Amsterdam', smsEnabled: true });
  });

  test('one fault leaves all of them out, and every fault is named by its place', async () => {
    await using gateway = await start();
    await load(gateway, [{ e164: '+442079123456', didNumberId: 7 }]);
    const refused = await load(gateway, [
      { e164: amsterdam, didNumberId: 42 },
      { e164: berlin, country: 'NL', didNumberId: 42 },
      { e164: '+33142123456', didNumberId: 7, trunk: 'trk_nothing' },
      { e164: '+31 20 123 4567' },
      { e164: '+12125551234', didNumberId: 0, city: 'New\u0007York' },
    ]);
    expect(refused).toMatchObject({ __typename: 'ValidationError', code: 'VALIDATION_FAILED' });
    expect(refused?.__typename === 'ValidationError' && refused.fields).toEqual([
      { path: 'numbers.1.country', message: `${berlin} is a number of DE, not of NL.` },
      { path: 'numbers.1.didNumberId', message: `42 is the id of ${amsterdam} already.` },
      { path: 'numbers.2.didNumberId', message: '7 is the id of +442079123456 already.' },
      { path: 'numbers.2.trunk', message: 'There is no such trunk.' },
      { path: 'numbers.3.e164', message: `${amsterdam} is number 0 already.` },
      { path: 'numbers.4.didNumberId', message: 'It is a whole number above 0, as the portal shows it.' },
      { path: 'numbers.4.city', message: 'A city has at most 200 characters, and none for control.' },
    ]);
    expect((await gateway.ask(NumbersDocument, {})).data?.numbers?.totalCount).toBe(1);
  });

  test.each([
    ['none', 0],
    ['1,001', 1_001],
  ])('%s at once are refused', async (_, count) => {
    await using gateway = await start();
    const numbers = Array.from({ length: count }, () => ({ e164: amsterdam }));
    expect(await load(gateway, numbers)).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'numbers' }],
    });
  });

  test('works while DIDfarm cannot be asked; a trunk that is not known then is refused', async () => {
    await using gateway = await start();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 404, path: '*' });
    expect(await load(gateway, [{ e164: amsterdam }])).toMatchObject({ imported: 1 });
    expect(await load(gateway, [{ e164: amsterdam, trunk: 'trk_1' }])).toMatchObject({
      fields: [{ path: 'numbers.0.trunk' }],
    });
  });
});
