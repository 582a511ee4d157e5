import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openStorage } from '../../src/storage/database.ts';

const newestTransactions = 'order by sort_at desc, transaction_id desc limit 26';
const newestMessages = 'order by at desc, message_id desc limit 26';

test.each([
  ['transactions', '', newestTransactions],
  ['transactions', "client_key = 'acme'", newestTransactions],
  ['transactions', "trunk_key = 'x'", newestTransactions],
  ['transactions', "e164 = '+31201234567'", newestTransactions],
  ['transactions', 'order_id = 7', newestTransactions],
  ['transactions', "reference_type = 'ORDER'", newestTransactions],
  ['transactions', 'sort_at >= 5 and sort_at < 9', newestTransactions],
  ['transactions', "client_key = 'acme' and (sort_at, transaction_id) < (5, 'x')", newestTransactions],
  ['numbers', '', 'order by e164 limit 26'],
  ['numbers', "trunk_key = 'x'", 'order by e164 limit 26'],
  ['numbers', "client_key = 'acme'", 'order by e164 limit 26'],
  ['numbers', "status = 'ACTIVE'", 'order by e164 limit 26'],
  ['numbers', "country = 'NL'", 'order by e164 limit 26'],
  ['trunks', "client_key = 'acme'", 'order by trunk_key limit 26'],
  ['orders', '', 'order by placed_at desc, order_id desc limit 26'],
  ['messages', '', newestMessages],
  ['messages', "e164 = '+31201234567'", newestMessages],
  ['messages', "client_key = 'acme'", newestMessages],
  ['events', 'seq > 5', 'order by seq limit 26'],
  ['events', "trunk_key = 'x'", 'order by seq desc limit 26'],
  ['events', "e164 = '+31201234567'", 'order by seq desc limit 26'],
  ['events', "client_key = 'acme'", 'order by seq desc limit 26'],
  ['events', "type = 'MESSAGE_RECEIVED'", 'order by seq desc limit 26'],
])('a page of %s where %j is read from an index, in its order', async (table, where, order) => {
  const storage = await openStorage('sqlite::memory:');
  const query = `select * from ${table} where account = 'main' ${where && `and ${where}`} ${order}`;
  const plan = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(storage.db);
  await storage.close();
  expect(plan.rows.map((row) => row.detail)).toEqual([expect.stringMatching(/^SEARCH \w+ USING /)]);
});
