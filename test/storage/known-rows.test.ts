import { beforeEach, describe, expect, test } from 'vitest';
import { accountId, clientKey, scopeOf } from '../../src/access/viewer.ts';
import { createKnownRows, type KnownRows, type RowsOf } from '../../src/storage/known-rows.ts';
import type { Touch } from '../../src/storage/touch.ts';
import { eachDatabase } from '../support/databases.ts';

const own = accountId('own');
const viewer = { account: own, role: 'ADMIN', name: 'somebody' } as const;
const whole = scopeOf({ ...viewer, client: null });
const acme = scopeOf({ ...viewer, role: 'CLIENT', client: clientKey('Acme') });
const ofNumbers: RowsOf = {
  name: 'numbers',
  table: 'numbers',
  scope: whole,
  column: 'e164',
  statement: () => 'select * from numbers',
};
const row = { e164: '+31201234567' };

const noted: Touch[] = [];
let known: KnownRows;
beforeEach(() => {
  noted.length = 0;
  known = createKnownRows({ read: (touch) => noted.push(touch) });
});
const learn = (rows: RowsOf, key = row.e164, read: object | null = row) => known.of(rows).reading()([[key, read]]);
const written = (touch: Partial<Touch>) => known.written({ table: 'numbers', account: own, keys: null, ...touch });

describe('a row that was read by its key', () => {
  test('is known, and so is that there is none; of others nothing is', () => {
    learn(ofNumbers);
    learn(ofNumbers, '+31207654321', null);
    expect(known.of(ofNumbers).find(row.e164)).toBe(row);
    expect(known.of(ofNumbers).find('+31207654321')).toBeNull();
    expect(known.of(ofNumbers).find('+31200000000')).toBeUndefined();
  });

  test('is no longer known when its table is written, whichever row of it and whoever wrote', () => {
    for (const touch of [{}, { keys: ['+31209999999'] }, { account: null }]) {
      learn(ofNumbers);
      written(touch);
      expect(known.of(ofNumbers).find(row.e164)).toBeUndefined();
    }
  });

  test('is known as long as another table or account is written', () => {
    learn(ofNumbers);
    written({ table: 'trunks' });
    written({ account: 'another' });
    expect(known.of(ofNumbers).find(row.e164)).toBe(row);
  });

  test('is known as long as columns are written that it does not depend on', () => {
    const narrow = { ...ofNumbers, statement: () => 'select e164, city from numbers' };
    learn(narrow);
    written({ columns: new Set(['status']) });
    expect(known.of(narrow).find(row.e164)).toBe(row);
    written({ columns: new Set(['status', 'city']) });
    expect(known.of(narrow).find(row.e164)).toBeUndefined();
  });

  test('costs what is written nothing where many viewers know rows of other tables, or none any more', () => {
    let asked = 0;
    class Counted extends Set<string> {
      override get size(): number {
        asked += 1;
        return super.size;
      }
    }
    for (const client of Array.from({ length: 200 }, (_, place) => clientKey(`Client ${place}`))) {
      const scope = scopeOf({ ...viewer, role: 'CLIENT', client });
      learn({ ...ofNumbers, scope, statement: () => 'select e164, city from numbers where client_key = ?' });
    }
    const columns = new Counted(['city']);
    written({ table: 'trunks', columns });
    expect(asked).toBe(0);
    for (let times = 0; times < 3; times += 1) written({ columns });
    expect(asked).toBe(3);
  });

  test('is made of its table alone', () => {
    const joined = 'select * from numbers where exists (select 1 from trunks)';
    expect(() => known.of({ ...ofNumbers, statement: () => joined })).toThrow('Reads more than numbers');
  });

  test('is not known where its table was written while it was read', () => {
    const takes = known.of(ofNumbers).reading();
    written({});
    takes([[row.e164, row]]);
    expect(known.of(ofNumbers).find(row.e164)).toBeUndefined();
  });

  test('is known to those who see as much, and to those who read the same', () => {
    learn(ofNumbers);
    expect(known.of({ ...ofNumbers, scope: acme }).find(row.e164)).toBeUndefined();
    expect(known.of({ ...ofNumbers, name: 'others' }).find(row.e164)).toBeUndefined();
    expect(known.of({ ...ofNumbers, scope: scopeOf({ ...viewer, client: null }) }).find(row.e164)).toBe(row);
  });

  test('is noted as read, by its key where that is what tells rows apart', () => {
    learn(ofNumbers);
    const ofClients: RowsOf = {
      ...ofNumbers,
      name: 'clients',
      table: 'trunks',
      column: 'client_key',
      statement: () => 'select client_name from trunks',
    };
    learn(ofClients, 'acme');
    known.of(ofNumbers).find(row.e164);
    known.of(ofNumbers).find('+31200000000');
    known.of(ofClients).find('acme');
    expect(noted).toEqual([
      { table: 'numbers', account: own, keys: [row.e164] },
      { table: 'trunks', account: own, keys: null, columns: new Set(['client_name', 'from', 'select', 'trunks']) },
    ]);
  });
});

test('nothing is known to who still holds what was given up for others, as it is told of no write', () => {
  learn(ofNumbers);
  const held = known.of(ofNumbers);
  for (let count = 0; count < 2_000; count++)
    known.of({ ...ofNumbers, scope: scopeOf({ ...viewer, role: 'CLIENT', client: clientKey(String(count)) }) });
  expect(held.find(row.e164)).toBeUndefined();
  held.reading()([[row.e164, row]]);
  expect(held.find(row.e164)).toBeUndefined();
});

test('no more rows are known than memory has room for', () => {
  for (let count = 0; count < 100_000; count++) learn(ofNumbers, String(count));
  const left = Array.from({ length: 100_000 }, (_, count) => known.of(ofNumbers).find(String(count)));
  expect(left.at(-1)).toBe(row);
  expect(left.filter((found) => found !== undefined).length).toBeLessThanOrEqual(20_000);
});

eachDatabase('rows that were read by their keys', (open, kind) => {
  const trunk = {
    ...{ account: own, trunk_key: 'trk_1', name: 'Acme', status: 'UNKNOWN', client_key: 'acme', client_name: 'Acme' },
    first_seen: 1,
  };
  const ofTrunks: RowsOf = {
    ...ofNumbers,
    name: 'trunks',
    table: 'trunks',
    column: 'trunk_key',
    statement: () => 'select * from trunks',
  };

  test('are known where nobody else writes, until a transaction that writes them is committed', async () => {
    const { db, known: rows, transaction } = await open();
    rows.of(ofTrunks).reading()([[trunk.trunk_key, null]]);
    const nobodyElse = kind.engine === 'sqlite';
    expect(rows.of(ofTrunks).find(trunk.trunk_key)).toBe(nobodyElse ? null : undefined);
    await transaction(async (trx) => {
      await trx.insertInto('trunks').values(trunk).execute();
      expect(rows.of(ofTrunks).find(trunk.trunk_key)).toBe(nobodyElse ? null : undefined);
    });
    expect(rows.of(ofTrunks).find(trunk.trunk_key)).toBeUndefined();
    rows.of(ofTrunks).reading()([[trunk.trunk_key, trunk]]);
    await db.updateTable('trunks').set({ status: 'OFFLINE' }).where('account', '=', own).execute();
    expect(rows.of(ofTrunks).find(trunk.trunk_key)).toBeUndefined();
  });
});
