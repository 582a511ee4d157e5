import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { learnNumbers } from '../numbers/numbers.ts';
import type { Mutation } from '../operations/engine.ts';
import { invalid } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { failureOf } from '../operations/outcome.ts';
import type { Tables } from '../storage/tables.ts';
import { expireTrunks } from '../trunks/refresh.ts';
import { knownNumber } from './known-numbers.ts';
import { findTrunk, knownTrunk, listTrunks } from './known-trunks.ts';
import { notYet } from './refusals.ts';

export interface AssignNumberInput {
  /** E.164. */
  readonly number: string;
  /** Its key or uuid. */
  readonly trunk: string;
}

/** What is routed to what: E.164, and the trunk's key. */
export interface Route {
  readonly e164: string;
  readonly trunk: string;
}

/** Routes a number's calls to a trunk (Connect guide, "Assign to a Trunk"). */
export const assignNumber: Mutation<AssignNumberInput, Route> = {
  name: 'assignNumber',
  run: async (operation, { number, trunk }) => ({ result: await routeNumber(operation, number, trunk) }),
};

/** The step that routes a number. @throws ActionFailed where one of DIDfarm's two ids is not known. */
export async function routeNumber(operation: Operation, e164: string, trunkName: string): Promise<Route> {
  const { account } = operation;
  const didNumberId = await didNumberIdOf(operation, e164);
  const { trunk, sipTrunkId } = await sipTrunkIdOf(operation, trunkName);
  const route: Route = { e164, trunk };
  const { result } = await operation.step({
    name: 'route-number',
    evidence: async () => route,
    send: (call) => account.didfarm.routeNumber({ didNumberId, sipTrunkId }, call),
    apply: (trx) => learnRoute(trx, account, route),
    refused: (error) => failureOf(error, inputPath),
  });
  return result;
}

/** Where the number's calls go from now on. */
export async function learnRoute(trx: Transaction<Tables>, account: Account, { e164, trunk }: Route): Promise<Route> {
  const { client_key: client } = await trx
    .selectFrom('trunks')
    .select('client_key')
    .where('account', '=', account.id)
    .where('trunk_key', '=', trunk)
    .executeTakeFirstOrThrow();
  const before = await trx
    .selectFrom('numbers')
    .select('trunk_since')
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .executeTakeFirst();
  // DIDfarm's clock may be ahead: what was routed last is what holds.
  const at = Math.max(account.clock.now(), before?.trunk_since ?? 0);
  await learnNumbers(trx, account, [{ e164, trunk: { value: { key: trunk, client }, at } }]);
  return { e164, trunk };
}

/** What routing calls a number. @throws ActionFailed NUMBER_ID_UNKNOWN, which says how to supply it. */
export async function didNumberIdOf(operation: Operation, e164: string): Promise<number> {
  const { did_number_id: id } = await knownNumber(operation, e164);
  if (id !== null) return id;
  const message = `DIDfarm's id of ${e164} is not known, and routing takes nothing else. Look its did_number_id up in DIDfarm's portal and supply it, importNumbers(input: {numbers: [{e164: "${e164}", didNumberId: …}]}), then send this again with the same key.`;
  throw notYet(invalid([{ path: 'number', message }], 'NUMBER_ID_UNKNOWN'));
}

async function sipTrunkIdOf(operation: Operation, name: string): Promise<{ trunk: string; sipTrunkId: number }> {
  const { account } = operation;
  const known = await knownTrunk(operation, name);
  if (known.sip_trunk_id !== null) return { trunk: known.trunk_key, sipTrunkId: known.sip_trunk_id };
  await expireTrunks(account);
  await listTrunks(operation);
  const listed = await findTrunk(operation, name);
  if (listed !== null && listed.sip_trunk_id !== null)
    return { trunk: listed.trunk_key, sipTrunkId: listed.sip_trunk_id };
  const message =
    "DIDfarm's number of this trunk is not known, and routing takes nothing else. It becomes known with the first listing that carries it: send this again later, or route the number in the portal.";
  throw notYet(invalid([{ path: 'trunk', message }], 'TRUNK_ID_UNKNOWN'));
}

function inputPath(field: string): string {
  return { did_number_id: 'number', sip_trunk_id: 'trunk' }[field] ?? field;
}
