import type { Kysely } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';
import { localPicture } from './migrations/0001-local-picture.ts';
import { operations } from './migrations/0002-operations.ts';
import { lateEvidence } from './migrations/0003-late-evidence.ts';
import { log } from './migrations/0004-log.ts';
import { StorageError } from './storage-error.ts';
import type { Tables } from './tables.ts';

/** In the order of their names, forever: a released migration is never changed. */
const migrations = (engine: Engine): Record<string, Migration> => ({
  '0001-local-picture': localPicture(engine),
  '0002-operations': operations(engine),
  '0003-late-evidence': lateEvidence(engine),
  '0004-log': log(engine),
});

/**
 * Brings the tables up to this version, all or nothing, one process at a time.
 * @throws StorageError `NEWER_VERSION`, before anything is touched.
 */
export async function migrate(db: Kysely<Tables>, engine: Engine): Promise<void> {
  const known = migrations(engine);
  const missing = (await recorded(db)).filter((name) => !(name in known));
  if (missing.length > 0) {
    throw new StorageError(
      'NEWER_VERSION',
      `The database was written by a newer version of the gateway (${missing.join(', ')}). Install that version, or point DATABASE_URL elsewhere; nothing was changed.`,
    );
  }
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => known } }).migrateToLatest();
  if (error !== undefined) throw error;
}

async function recorded(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === DEFAULT_MIGRATION_TABLE)) return [];
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom(DEFAULT_MIGRATION_TABLE)
    .select('name')
    .execute();
  return rows.map((row) => row.name);
}
