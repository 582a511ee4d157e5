import { sql } from 'kysely';
import { UpstreamFailure } from '../didfarm/errors.ts';
import { readId } from '../graph/identifiers.ts';
import { ActionFailed, notFound } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { failureOf } from '../operations/outcome.ts';
import { among } from '../storage/pages.ts';
import type { TrunkRow } from '../storage/tables.ts';
import { trunkRows } from '../trunks/listing.ts';
import { refreshTrunks } from '../trunks/refresh.ts';
import { notYet, withoutNotFound } from './refusals.ts';

/** How long a mutation may wait for the listing of trunks before it does anything, in milliseconds. */
const allowance = 10_000;

/** Whoever has DIDfarm list its trunks, and is told of each call that this takes. */
export type Asker = Pick<Operation, 'account' | 'scope' | 'onSent'>;

/** What a `trunk` input names: a global id and the uuid behind it are one input. */
export function trunkName(argument: string): string {
  const id = readId(argument);
  return id?.typename === 'Trunk' ? id.id : argument;
}

/** A trunk by its key or uuid, from the picture; null where it is not there, or not for the viewer. */
export async function findTrunk(
  { account, scope }: Pick<Asker, 'account' | 'scope'>,
  name: string,
): Promise<TrunkRow | null> {
  const named = sql`(trunk_key = ${name} or uuid = ${name})`;
  const trunks = among(trunkRows.listing, scope, [named]);
  const found = await sql<TrunkRow>`select * from ${trunks}`.execute(account.storage.db);
  return found.rows[0] ?? null;
}

/** A trunk by its key or uuid; one that was never listed, or only named by a webhook, is looked for in DIDfarm's listing. @throws ActionFailed */
export async function knownTrunk(asker: Asker, name: string): Promise<TrunkRow> {
  const known = await findTrunk(asker, name);
  if (known !== null && known.name !== known.trunk_key) return known;
  try {
    await listTrunks(asker);
  } catch (error) {
    if (known === null || !(error instanceof ActionFailed)) throw error;
    return known;
  }
  const listed = await findTrunk(asker, name);
  if (listed === null) throw notFound('trunk');
  return listed;
}

/** Has the picture hold what DIDfarm lists. @throws ActionFailed where it was never listed and cannot be listed now. */
export async function listTrunks({ account, onSent }: Asker): Promise<void> {
  try {
    await refreshTrunks(account, { deadline: account.clock.now() + allowance, onSent });
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    throw notYet(new ActionFailed(withoutNotFound(failureOf(error))));
  }
}
