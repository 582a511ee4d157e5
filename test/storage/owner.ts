import { openStorage } from '../../src/storage/database.ts';

// A gateway that is killed while it writes: it says each number once it is stored.
const storage = await openStorage(process.argv[2] ?? '');
for (let name = 0; ; name++) {
  await storage.transaction((trx) =>
    trx
      .insertInto('settings')
      .values({ name: `${name}`, value: '' })
      .execute(),
  );
  process.stdout.write(`${name}\n`);
}
