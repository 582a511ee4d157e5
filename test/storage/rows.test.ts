import { expect, test } from 'vitest';
import { asInserted, columnsBeside, inParts } from '../../src/storage/rows.ts';
import type { SnapshotRow } from '../../src/storage/tables.ts';
import { eachDatabase } from '../support/databases.ts';

test.each([
  [[], []],
  [[1], [[1]]],
  [[1, 2, 3], [[1, 2, 3]]],
  [
    [1, 2, 3, 4, 5, 6, 7],
    [[1, 2, 3], [4, 5, 6], [7]],
  ],
])('%j in parts of three is all of it, in its order', (items, parts) => {
  expect(inParts(items, 3)).toEqual(parts);
});

eachDatabase('an upsert', (open) => {
  test('overwrites the columns that it names, in each row by its own', async () => {
    const storage = await open();
    const snapshot = {
      account: 'main',
      as_of: 1,
      due: 0,
      error: null,
      row_count: 1,
      complete: 1,
      body: 'before',
    } as const;
    const write = (rows: readonly SnapshotRow[]) =>
      storage.db
        .insertInto('snapshots')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'resource'])
            .doUpdateSet(asInserted(columnsBeside(rows, 'account', 'resource', 'as_of'))),
        )
        .execute();
    await write([{ ...snapshot, resource: 'a' }]);
    await write([
      { ...snapshot, resource: 'a', as_of: 2, body: 'after' },
      { ...snapshot, resource: 'b', as_of: 2, body: 'new' },
    ]);
    const rows = await storage.db.selectFrom('snapshots').selectAll().orderBy('resource').execute();
    expect(rows).toMatchObject([
      { resource: 'a', as_of: 1, body: 'after' },
      { resource: 'b', as_of: 2, body: 'new' },
    ]);
  });
});
