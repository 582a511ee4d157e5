import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  NodeDocument,
  NodesDocument,
  NumberDocument,
  NumbersDocument,
  type NumbersQueryVariables,
} from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const all = async (variables: NumbersQueryVariables = {}) =>
  (await gateway.ask(NumbersDocument, { first: 100, ...variables })).data?.numbers?.nodes ?? [];

describe('the numbers of the account', () => {
  test('are what the portal listed, with exact money and their trunk and client', async () => {
    const lines = gateway.sandbox.control.numbersCsv().trim().split('\n').slice(1);
    const numbers = await all();
    expect(numbers.map((number) => number.e164)).toEqual(lines.map((line) => line.split(',')[0]).sort());
    const [e164, didNumberId, country, type, city, sms, uuid, status, monthly] = lines[0]?.split(',') ?? [];
    const number = numbers.find((each) => each.e164 === e164);
    expect(number).toMatchObject({
      didNumberId: Number(didNumberId),
      country,
      rawType: type,
      city: city === '' ? null : city,
      smsEnabled: sms === 'true',
      status: status?.toUpperCase(),
      trunk: uuid === '' ? null : { uuid },
      monthlyRate: { amount: (Number(monthly) / 100).toFixed(2), currency: 'EUR' },
    });
  });

  test('one is found however it is written, and one that is not yours is null', async () => {
    const [number] = await all();
    const e164 = number?.e164 ?? '';
    const spaced = `${e164.slice(0, 3)} ${e164.slice(3, 5)} (${e164.slice(5)})`;
    expect((await gateway.ask(NumberDocument, { e164: spaced })).data?.number?.e164).toBe(e164);
    expect((await gateway.ask(NumberDocument, { e164: '+442071838750' })).data?.number).toBeNull();
  });

  test('money is formatted for a locale without losing anything', async () => {
    const number = (await all()).find((each) => each.monthlyRate?.amount === '1.50');
    const answer = await gateway.ask(NumberDocument, { e164: number?.e164 ?? '' });
    expect(number?.monthlyRate?.formatted).toBe('€1.50');
    expect(answer.data?.number?.monthlyRate?.german).toBe('1,50\u00a0€');
  });

  test('are refetched by their global ids, in order, null where there is none', async () => {
    const [first, second] = await all();
    const none = Buffer.from('Number:+442071838750').toString('base64url');
    const wrong = Buffer.from('Order:what').toString('base64url');
    const ids = [second?.id ?? '', none, first?.id ?? '', wrong];
    const answer = await gateway.ask(NodesDocument, { ids });
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.nodes.map((node) => node?.id ?? null)).toEqual([second?.id, null, first?.id, null]);
    const node = await gateway.ask(NodeDocument, { id: first?.id ?? '' });
    expect(node.data?.node).toMatchObject({ __typename: 'Number', e164: first?.e164 });
  });

  test('more than 100 ids at once are refused', async () => {
    const answer = await gateway.ask(NodesDocument, { ids: Array.from({ length: 101 }, () => 'x') });
    expect(answer.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });
});

describe('a filter', () => {
  type Shown = Awaited<ReturnType<typeof all>>[number];
  const cases: [string, NumbersQueryVariables['filter'], (number: Shown) => boolean][] = [
    ['by country', { country: 'nl' }, (number) => number.country === 'NL'],
    ['by type', { type: 'MOBILE' }, (number) => number.type === 'MOBILE'],
    ['by texts', { smsEnabled: true }, (number) => number.smsEnabled === true],
    ['without texts', { smsEnabled: false }, (number) => number.smsEnabled === false],
    ['by status', { status: ['ACTIVE'] }, (number) => number.status === 'ACTIVE'],
    ['by no status', { status: [] }, () => false],
    ['unassigned', { unassigned: true }, (number) => number.trunk === null],
    ['assigned', { unassigned: false }, (number) => number.trunk !== null],
    ['by digits', { search: '+31 (20) ' }, (number) => number.e164.includes('+3120')],
    ['by city, in any case', { search: 'amsterDAM' }, (number) => number.city === 'Amsterdam'],
    ['with what would be a wildcard', { search: '%' }, () => false],
    ['by a trunk that is not there', { trunk: 'trk_none' }, () => false],
  ];
  test.each(cases)('%s keeps what fits and nothing else', async (_name, filter, fits) => {
    const expected = (await all()).filter(fits).map((number) => number.e164);
    expect((await all({ filter })).map((number) => number.e164)).toEqual(expected);
    const page = (await gateway.ask(NumbersDocument, { filter: filter ?? null, first: 1 })).data?.numbers;
    expect(page?.totalCount).toBe(expected.length);
  });

  test('by trunk takes its uuid and its global id, by client its global id', async () => {
    const number = (await all()).find((each) => each.trunk !== null);
    const uuid = number?.trunk?.uuid ?? '';
    const byUuid = await all({ filter: { trunk: uuid } });
    expect(byUuid.length).toBeGreaterThan(0);
    expect(byUuid.every((each) => each.trunk?.uuid === uuid)).toBe(true);
    const trunkId = Buffer.from(`Trunk:${uuid}`).toString('base64url');
    expect(await all({ filter: { trunk: trunkId } })).toEqual(byUuid);
    const wrong = await gateway.ask(NumbersDocument, { filter: { trunk: number?.id ?? '' } });
    expect(wrong.errors?.[0]?.message).toContain('this is the id of a Number');
  });
});
