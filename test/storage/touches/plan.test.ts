import { describe, expect, test } from 'vitest';
import { type Plan, planOf } from '../../../src/storage/touches/plan.ts';

/** `numbers(0: 1,2)`: the account is parameter 0, the key parameter 1 or 2; `*` is any. */
const shown = (touches: Plan['reads']) =>
  touches.map(
    ({ table, account, keys }) => `${table}(${account?.join(',') ?? '*'}: ${keys === null ? '*' : keys.join(',')})`,
  );
const readsOf = (sql: string) => shown(planOf(sql).reads);
const writesOf = (sql: string) => shown(planOf(sql).writes);

describe('the columns', () => {
  const columnsOf = (sql: string) => [...(planOf(sql).reads[0]?.columns ?? ['all'])];

  test.each([
    ['those that are named', 'select name from trunks where status = ?', true],
    ['a count of rows', 'select count(*) as total from trunks where name = ?', true],
    ['all of a statement that names them', 'select * from (select name from trunks) as t', true],
    ['all of a name for one', 'with t as (select name from trunks) select t.* from t', true],
    ['all', 'select * from trunks', false],
    ['all of one', 'select t.* from trunks as t', false],
    ['all of it in a statement', 'select name from (select * from trunks) as t', false],
    ['all of it in a condition', 'select name from numbers where exists (select * from trunks)', false],
    [
      'all of a table that a name is the same as',
      'with trunks as (select * from trunks) select name from trunks',
      false,
    ],
    ['what an update reads', 'update numbers set city = (select name from trunks limit 1)', false],
  ])('that a select depends on: %s', (_name, sql, isNamed) => {
    expect(columnsOf(sql).includes('name')).toBe(isNamed);
    expect(columnsOf(sql).includes('all')).toBe(!isNamed);
  });

  test.each([
    ['update "trunks" set "status" = ?, raw_status = ? where account = ?', ['raw_status', 'status']],
    ['update trunks set name = (select max(name) from trunks)', ['name']],
    ['update trunks set name = ?, trunk_key = ?', null],
    ['update trunks set (name, status) = (?, ?)', null],
    ['insert into trunks (name) values (?)', null],
    ['insert into trunks (name) values (?) on conflict (trunk_key) do update set name = ?', null],
    ['delete from trunks where name = ?', null],
  ])('that are changed of rows that stay: %s', (sql, columns) => {
    const [written] = planOf(sql).writes;
    expect(written?.columns === undefined ? null : [...written.columns]).toEqual(columns);
  });

  test('read by the same names are one set, in whatever statement', () => {
    const columnsRead = (sql: string) => planOf(sql).reads[0]?.columns;
    const one = columnsRead('select name from trunks where status = ?');
    expect(one).toBeInstanceOf(Set);
    expect(columnsRead('select status from trunks where name = ?')).toBe(one);
  });
});

describe('what a select reads', () => {
  test.each([
    ['a whole table', 'select * from numbers', ['numbers(*: *)']],
    ['an account', 'select * from "numbers" where "account" = ?', ['numbers(0: *)']],
    ['one row', 'select * from "numbers" where "account" = ? and "e164" = ?', ['numbers(0: 1)']],
    ['some rows', 'select * from numbers where e164 in (?, ?) and account = ? limit ?', ['numbers(2: 0,1)']],
    ['numbered parameters', 'select * from numbers where e164 = $2 and account = $1', ['numbers(0: 1)']],
    ['literals', "select * from numbers where account = 'it''s' and 1 = 1 and e164 = '+31'", ["numbers(it's: +31)"]],
    ['a table without accounts', 'select "value" from "settings" where "name" = ?', ['settings(*: 0)']],
    ['a table without a key', 'select alive_at from heartbeats where account = ?', ['heartbeats(0: *)']],
    ['an unknown table', 'select * from elsewhere where account = ?', ['elsewhere(*: *)']],
    ['a qualified column', 'select * from numbers where numbers.account = ? and numbers.e164 = ?', ['numbers(0: 1)']],
    ['an alias', 'select * from numbers as n where n.account = ? and n.e164 = ?', ['numbers(0: 1)']],
    ['conditions in parentheses', 'select 1 from numbers where (account = ? and (e164 = ?))', ['numbers(0: 1)']],
    ['no table', 'select 1', []],
    ['a function', "select count(*) from pragma_index_info('numbers')", []],
  ])('%s', (_name, sql, reads) => {
    expect(readsOf(sql)).toEqual(reads);
    expect(writesOf(sql)).toEqual([]);
  });

  test.each([
    ['a choice', 'where account = ? and (e164 = ? or city = ?)', 'numbers(0: *)'],
    ['a choice at the top', 'where account = ? and e164 = ? or city = ?', 'numbers(*: *)'],
    ['a negation', 'where account = ? and not e164 = ?', 'numbers(0: *)'],
    ['not in', 'where account = ? and e164 not in (?)', 'numbers(0: *)'],
    ['a comparison', 'where account = ? and e164 >= ?', 'numbers(0: *)'],
    ['an expression', "where account = ? and e164 = ? || 'x'", 'numbers(0: *)'],
    ['an expression of the column', 'where account = ? and lower(e164) = ?', 'numbers(0: *)'],
    ['what stands behind between', 'where account = ? and city between ? and e164 = ?', 'numbers(0: *)'],
    ['what stands within case', 'where case when city = ? and account = ? and e164 = ? then 1 end', 'numbers(*: *)'],
    ["another table's column", 'where account = ? and trunks.e164 = ?', 'numbers(0: *)'],
    ['a column equal to a column', 'where account = ? and e164 = city', 'numbers(0: *)'],
  ])('%s pins nothing', (_name, where, read) => {
    expect(readsOf(`select * from numbers ${where}`)).toEqual([read]);
  });

  test('each of several selects by its own conditions', () => {
    const page = (place: number, own: string) =>
      `select ${place} as page_parent, page.* from (select * from "numbers" where account = ? and ${own} order by "e164" asc limit ?) as page`;
    expect(readsOf(`${page(0, 'trunk_key = ?')} union all ${page(1, 'e164 = ?')}`)).toEqual([
      'numbers(0: *)',
      'numbers(3: 4)',
    ]);
  });

  test('an account that is asked of a select in parentheses, where it groups by it', () => {
    const grouped = (by: string) => `select * from (select account, client_key, (select trunks.name from trunks
        where trunks.account = grouped.account and trunks.client_key = grouped.client_key limit 1) as name
      from trunks as grouped group by ${by}) as clients where account = $1 and client_key in ($2)`;
    expect(readsOf(grouped('account, client_key'))).toEqual(['trunks(0: *)', 'trunks(0: *)']);
    expect(readsOf(grouped('client_key'))).toEqual(['trunks(*: *)', 'trunks(*: *)']);
    expect(readsOf('select * from (select account, e164 from numbers limit 1) as one where account = ?')).toEqual([
      'numbers(*: *)',
    ]);
  });

  test('what is joined has the account that it is joined by', () => {
    const joined = (on: string) =>
      `select * from trunks left join spending_days as days on ${on} where trunks.account = ? and client_key in (?)`;
    expect(readsOf(joined('days.account = trunks.account and days.trunk_key = trunks.trunk_key'))).toEqual([
      'trunks(0: *)',
      'spending_days(0: *)',
    ]);
    expect(readsOf(joined('days.trunk_key = trunks.trunk_key'))).toEqual(['trunks(0: *)', 'spending_days(*: *)']);
    expect(readsOf('select * from numbers, trunks where account = ? and e164 = ?')).toEqual([
      'numbers(*: *)',
      'trunks(*: *)',
    ]);
    expect(readsOf('select * from trunks left join numbers on trunks.account = ?')).toEqual([
      'trunks(*: *)',
      'numbers(*: *)',
    ]);
  });

  test('a select within another has the account that it is compared with', () => {
    expect(
      readsOf(
        'select e164 from numbers where account = ? and not exists (select 1 from order_items where order_items.account = numbers.account and order_items.e164 = numbers.e164)',
      ),
    ).toEqual(['numbers(0: *)', 'order_items(0: *)']);
  });

  test('a name means the source that is nearest', () => {
    expect(
      readsOf(
        'select 1 from numbers as n where n.account = ? and exists (select 1 from trunks as n where exists (select 1 from orders where orders.account = n.account))',
      ),
    ).toEqual(['numbers(0: *)', 'trunks(*: *)', 'orders(*: *)']);
  });

  test('what is named by with is no table', () => {
    expect(
      readsOf(
        'with told as (select * from events where account = ? union all select * from trimmed_statuses where account = ? and trunk_key in (?)), spans as (select * from told) select * from spans',
      ),
    ).toEqual(['events(0: *)', 'trimmed_statuses(1: 2)']);
  });
});

describe('what a statement writes', () => {
  test.each([
    ['rows', 'insert into numbers (account, e164) values (?, ?), (?, ?)', 'numbers(0,2: 1,3)'],
    ['rows without their columns', 'insert into numbers values (?, ?)', 'numbers(*: *)'],
    ['computed keys', 'insert into events (account, seq) values (?, (select 1))', 'events(0: *)'],
    ['selected values', 'insert into events (digest, account, seq) select ?, ?, max(seq) from events', 'events(1: *)'],
    ['selected rows', 'insert into numbers (account, e164) select account, e164 from orders', 'numbers(*: *)'],
    [
      'a row in the way, by its key',
      'insert into "trunks" ("account", "trunk_key", "name") values (?, ?, ?) on conflict ("account", "trunk_key") do update set "name" = "excluded"."name" where "trunks"."name" is null',
      'trunks(0: 1)',
    ],
    [
      'a row in the way, by something else',
      'insert into trunks (account, trunk_key, uuid) values (?, ?, ?) on conflict (account, uuid) do update set name = ?',
      'trunks(0: *)',
    ],
    [
      'nothing where a row is in the way',
      'insert into events (account, seq) values (?, ?) on conflict do nothing returning seq',
      'events(0: 1)',
    ],
    ['whatever is in the way', 'insert or replace into trunks (account, trunk_key) values (?, ?)', 'trunks(*: *)'],
    ['rows that it finds', 'update numbers set city = ? where account = ? and e164 = ?', 'numbers(1: 2)'],
    ['rows of another key', 'update numbers set e164 = ? where account = ? and e164 = ?', 'numbers(1: 2,0)'],
    ['rows of a computed key', 'update numbers set e164 = city where account = ? and e164 = ?', 'numbers(0: *)'],
    ['rows of another account', 'update numbers set account = ? where account = ? and e164 = ?', 'numbers(1,0: 2)'],
    ['a tuple', 'update numbers set (account, e164) = (?, ?) where account = ? and e164 = ?', 'numbers(*: *)'],
    [
      'rows that others tell',
      'with moved (a) as (values (?)) update "numbers" set client_key = moved.a from moved where "numbers".account = ? and "numbers".e164 = moved.a',
      'numbers(1: *)',
    ],
    ['rows no more', 'delete from trunks where account = ? and trunk_key in (?, ?)', 'trunks(0: 1,2)'],
  ])('%s', (_name, sql, written) => {
    expect(writesOf(sql)).toEqual([written]);
  });

  test('what it looks at is read', () => {
    expect(
      readsOf(
        'insert into events (account, seq) select ?, ? where not exists (select 1 from trimmed_digests where account = ? and digest = ?)',
      ),
    ).toEqual(['trimmed_digests(2: 3)']);
    expect(
      readsOf('delete from operations where account = ? and exists (select 1 from operation_steps where account = ?)'),
    ).toEqual(['operations(0: *)', 'operation_steps(1: *)']);
  });

  test('also within a with, whose rows nobody counts', () => {
    const plan = planOf('with x as (insert into numbers (account, e164) values ($1, $2) returning *) select * from x');
    expect(shown(plan.writes)).toEqual(['numbers(0: 1)']);
    expect(plan.counted).toBe(false);
    expect(planOf('delete from numbers').counted).toBe(true);
  });
});

describe('what cannot be made out', () => {
  test.each([
    ['a comment', 'delete from numbers where account = ? and e164 = ? -- or'],
    ['parentheses that do not add up', 'delete from numbers where (account = ? and e164 = ?'],
    [
      'tables joined in parentheses',
      'delete from numbers where e164 in (select e164 from (numbers join orders on 1 = 1))',
    ],
    ['a table behind its schema', 'delete from public.numbers where account = ? and e164 = ?'],
    ['another verb', 'replace into numbers (account, e164) values (?, ?)'],
  ])('%s: all of every table that it names', (_name, sql) => {
    expect(writesOf(sql)).toContain('numbers(*: *)');
    expect(readsOf(sql)).toContain('numbers(*: *)');
  });

  test('a table that stands where none was looked for', () => {
    expect(readsOf('select 1 from (numbers join orders on 1 = 1)')).toEqual(['numbers(*: *)', 'orders(*: *)']);
    expect(readsOf('select a is distinct from b from numbers where account = ?')).toEqual(['numbers(*: *)']);
  });
});
