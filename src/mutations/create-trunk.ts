import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { CreatedTrunk, TrunkCredentials, TrunkListing } from '../didfarm/client.ts';
import type { Mutation } from '../operations/engine.ts';
import { invalid } from '../operations/failure.ts';
import type { Operation, StepDone } from '../operations/operation.ts';
import { failureOf } from '../operations/outcome.ts';
import type { Tables } from '../storage/tables.ts';
import { learnTrunks } from '../trunks/learn.ts';
import { expireTrunks } from '../trunks/refresh.ts';
import { listTrunks } from './known-trunks.ts';
import { withoutNotFound } from './refusals.ts';

export interface CreateTrunkInput {
  readonly name: string;
  readonly authType: string;
}

/** Which trunk it made, by its key. */
export interface CreateTrunkResult {
  readonly trunk: string;
}

/** What tells afterwards whether the trunk was made: one of this name that was not known before. */
export interface CreateTrunkEvidence {
  readonly name: string;
  readonly known: readonly string[];
}

const longestName = 255;

/** Makes a trunk (Connect guide, "Create Client SIP Trunks"). Its password is in this one answer. */
export const createTrunk: Mutation<CreateTrunkInput, CreateTrunkResult, TrunkCredentials> = {
  name: 'createTrunk',
  async run(operation, { name, authType }) {
    checkTrunkName(name);
    const { result, answer } = await makeTrunk(operation, { name: name.trim(), authType });
    return { result, secret: credentialsOf(answer) };
  },
};

/** @throws ActionFailed where no trunk can bear the name. */
export function checkTrunkName(name: string, path = 'name'): void {
  const length = [...name.trim()].length;
  if (length === 0 || length > longestName)
    throw invalid([{ path, message: `A name has 1 to ${longestName} characters; this one has ${length}.` }]);
  if (/\p{Cc}/u.test(name))
    throw invalid([{ path, message: 'A name has no control characters, such as line breaks.' }]);
}

/** The step that makes a trunk. Which there are is asked before, so that a lost answer can be told from what was there. */
export async function makeTrunk(
  operation: Operation,
  trunk: CreateTrunkInput,
): Promise<StepDone<CreatedTrunk, CreateTrunkResult>> {
  const { account } = operation;
  const begun = operation.begun('create-trunk');
  if (begun === null) {
    await expireTrunks(account);
    await listTrunks(operation);
  }
  return operation.step({
    name: begun ?? operation.attempt('create-trunk'),
    evidence: async (): Promise<CreateTrunkEvidence> => ({ name: trunk.name, known: await trunkKeys(account) }),
    send: (call) => account.didfarm.createTrunk(trunk, call),
    apply: (trx, answer) => learnCreatedTrunk(trx, account, { ...answer, authType: answer.authType ?? trunk.authType }),
    refused: (error) => withoutNotFound(failureOf(error, (field) => (field === 'auth_type' ? 'authType' : field))),
  });
}

/** Only an answer that came now has them. */
export function credentialsOf(answer: TrunkCredentials | null): TrunkCredentials | null {
  return answer && { sipServer: answer.sipServer, username: answer.username, password: answer.password };
}

/** The new trunk in the picture, whether its creation's answer or a listing showed it. */
export async function learnCreatedTrunk(
  trx: Transaction<Tables>,
  account: Account,
  { sipTrunkId, uuid, name, sipServer, username, authType, status }: TrunkListing,
): Promise<CreateTrunkResult> {
  // Field by field: what an answer has beside them, such as the password, goes no further.
  const listed = { sipTrunkId, uuid, name, sipServer, username, authType, status };
  await learnTrunks(trx, account, { items: [listed], complete: false, asOf: account.clock.now() });
  const { trunk_key: trunk } = await trx
    .selectFrom('trunks')
    .select('trunk_key')
    .where('account', '=', account.id)
    .where(uuid === null ? 'sip_trunk_id' : 'uuid', '=', uuid ?? sipTrunkId)
    .executeTakeFirstOrThrow();
  return { trunk };
}

async function trunkKeys(account: Account): Promise<string[]> {
  const rows = await account.storage.db
    .selectFrom('trunks')
    .select('trunk_key')
    .where('account', '=', account.id)
    .execute();
  return rows.map((row) => row.trunk_key);
}
