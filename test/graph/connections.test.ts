import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientsDocument, NumbersDocument, type NumbersQueryVariables, TrunksDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const numbersOf = async (variables: NumbersQueryVariables) =>
  (await gateway.ask(NumbersDocument, variables)).data?.numbers;

describe('paging', () => {
  test('a page has 25 rows where nothing is said, and the pages together are every row once, in order', async () => {
    const first = await numbersOf({});
    expect(first?.nodes).toHaveLength(25);
    expect(first?.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await numbersOf({ after: first?.pageInfo.endCursor });
    expect(second?.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const all = [...(first?.nodes ?? []), ...(second?.nodes ?? [])].map((number) => number.e164);
    expect(all).toHaveLength(30);
    expect(all).toEqual([...new Set(all)].sort());
    expect(first?.totalCount).toBe(30);
  });

  test('backwards, a page is the rows before the cursor, in the same order', async () => {
    const all = (await numbersOf({ first: 100 }))?.nodes.map((number) => number.e164) ?? [];
    const last = await numbersOf({ last: 10 });
    expect(last?.nodes.map((number) => number.e164)).toEqual(all.slice(-10));
    expect(last?.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = await numbersOf({ last: 10, before: last?.pageInfo.startCursor });
    expect(before?.nodes.map((number) => number.e164)).toEqual(all.slice(-20, -10));
    expect(before?.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  test('a cursor keeps its place while rows are added before and behind it', async () => {
    await using own = await startGateway();
    const first = (await own.ask(NumbersDocument, { first: 10 })).data?.numbers;
    const rest = (await own.ask(NumbersDocument, { first: 100, after: first?.pageInfo.endCursor })).data?.numbers
      ?.nodes;
    await own.app.importNumbers('e164\n+12015550123\n+493012345678', 'csv');
    const again = (await own.ask(NumbersDocument, { first: 100, after: first?.pageInfo.endCursor })).data?.numbers;
    const known = new Set(rest?.map((number) => number.e164));
    const added = again?.nodes.map((number) => number.e164).filter((e164) => !known.has(e164));
    expect(added).toEqual(['+493012345678']);
  });

  test.each<[NumbersQueryVariables, string]>([
    [{ first: 0 }, '"first" is between 1 and 100; this is 0.'],
    [{ first: -1 }, '"first" is between 1 and 100; this is -1.'],
    [{ first: 1000 }, '"first" is between 1 and 100; this is 1000.'],
    [{ last: 101 }, '"last" is between 1 and 100; this is 101.'],
    [{ first: 5, last: 5 }, 'Pass "first" or "last", not both.'],
    [{ after: 'what' }, '"after" is not a cursor of this connection: pass one that it gave.'],
    [{ before: '' }, '"before" is not a cursor of this connection: pass one that it gave.'],
  ])('%j is refused with the reason', async (variables, message) => {
    const answer = await gateway.ask(NumbersDocument, variables);
    expect(answer.data?.numbers).toBeNull();
    expect(answer.errors?.map((error) => error.message)).toEqual([message]);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('a cursor of another connection, or one that was changed, is refused', async () => {
    const trunks = (await gateway.ask(TrunksDocument, { first: 1 })).data?.trunks;
    const foreign = await gateway.ask(NumbersDocument, { after: trunks?.pageInfo.endCursor ?? '' });
    expect(foreign.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });

    const own = (await numbersOf({ first: 1 }))?.pageInfo.endCursor ?? '';
    const position = Buffer.from(own, 'base64url');
    const last = position.length - 3;
    position.writeUInt8(position.readUInt8(last) ^ 1, last);
    const changed = await gateway.ask(NumbersDocument, { after: position.toString('base64url') });
    expect(changed.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  test('the rows are counted only where the count is asked for', async () => {
    await gateway.ask(ClientsDocument, {});
    const count = async (query: string) => {
      const before = gateway.app.storage.queries();
      await gateway.askText(query);
      return gateway.app.storage.queries() - before;
    };
    expect(await count('{ numbers { nodes { e164 } } }')).toBe(1);
    expect(await count('{ numbers { totalCount nodes { e164 } } }')).toBe(2);
  });
});
