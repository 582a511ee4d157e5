import type { Storage } from './database.ts';

/** What this installation remembers under a name, made at the first call. Callers at the same time, also of other processes, get the same. */
export async function readOrCreateSetting({ db }: Storage, name: string, make: () => string): Promise<string> {
  const read = () => db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  const known = await read();
  if (known) return known.value;
  await db
    .insertInto('settings')
    .values({ name, value: make() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await read())?.value ?? Promise.reject(new Error(`The setting ${name} was removed while it was made`));
}

/** Remembers something else under a name. */
export async function writeSetting({ db }: Storage, name: string, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
