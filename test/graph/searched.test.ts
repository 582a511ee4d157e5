import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const fields: Readonly<Record<string, string>> = {
  numbers: 'numbers(first: 1, filter: { search: $typed }) { totalCount }',
  trunks: 'trunks(first: 1, filter: { search: $typed }) { totalCount }',
  transactions: 'transactions(first: 1, filter: { search: $typed }) { totalCount }',
  messages: 'messages(first: 1, filter: { search: $typed }) { totalCount }',
  clients: 'clients(first: 1, search: $typed) { totalCount }',
};

test.each(Object.entries(fields))(
  '%s: what is longer than anything that it could be in is refused',
  async (name, field) => {
    const ask = (typed: string) => gateway.askText(`query ($typed: String) { ${field} }`, { typed });
    const argument = name === 'clients' ? 'search' : 'filter.search';
    for (const length of [1_001, 60_000, 900_000]) {
      const { errors } = await ask('x'.repeat(length));
      expect(errors?.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
        [`"${argument}" has at most 1000 characters; this has ${length}.`, 'BAD_USER_INPUT'],
      ]);
    }
    expect((await ask('%_\\'.repeat(333))).errors).toBeUndefined();
  },
);
