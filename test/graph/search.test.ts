import { graphql } from 'graphql';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localAdmin } from '../../src/access/viewer.ts';
import { schema } from '../../src/schema.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { contextOf } from '../support/context.ts';
import { acme } from '../wallet/picture.ts';
import { startUpstream, type Upstream } from '../wallet/upstream.ts';

let upstream: Upstream;
let storage: Storage;
beforeAll(async () => {
  upstream = await startUpstream();
  storage = await openStorage('sqlite::memory:');
  await sql`insert into messages (account, message_id, direction, sender, recipient, body, status, at)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 11000)
    select 'acme', cast(i as text), 'INBOUND', '+31612345678', '+31201234567', 'one of many', 'RECEIVED', i
    from n`.execute(storage.db);
});
afterAll(async () => {
  await upstream.close();
  await storage.close();
});

async function ask(source: string, deadline: number) {
  const context = contextOf(upstream.start(storage), localAdmin(acme), { deadline });
  let turns = 0;
  let answered = false;
  const countTurns = () => {
    turns += 1;
    if (!answered) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const before = storage.queries();
  const answer = await graphql({ schema, source, contextValue: context });
  answered = true;
  return { ...answer, turns, statements: storage.queries() - before };
}

const search = (words: string) =>
  `{ messages(first: 2, filter: { search: "${words}" }) { totalCount nodes { body } } }`;

test('a long search lets others have their turn, and answers as a short one does', async () => {
  const answer = await ask(search('nowhere'), upstream.clock.now() + 1);
  expect(answer.data).toMatchObject({ messages: { totalCount: 0, nodes: [] } });
  // The page and the count, each in three stretches of two statements.
  expect(answer.statements).toBe(12);
  expect(answer.turns).toBeGreaterThan(3);
});

test('a search beyond the deadline is refused with what to do; one that is done in time is not', async () => {
  const late = await ask(search('nowhere'), upstream.clock.now());
  expect(late.data).toEqual({ messages: null });
  expect(late.errors).toMatchObject([
    {
      message: expect.stringContaining('narrow it'),
      extensions: { code: 'BAD_USER_INPUT', argument: 'filter.search' },
    },
  ]);
  const found = await ask('{ messages(filter: { search: "many" }) { nodes { body } } }', upstream.clock.now());
  expect(found.errors).toBeUndefined();
});

test('without words a page is one statement, and so is its count', async () => {
  const answer = await ask(
    '{ messages(filter: { direction: INBOUND }) { totalCount nodes { body } } }',
    upstream.clock.now(),
  );
  expect(answer.data).toMatchObject({ messages: { totalCount: 11_000 } });
  expect(answer.statements).toBe(2);
});
