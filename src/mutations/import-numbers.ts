import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Account } from '../account.ts';
import { learnNumbers, type NumberFacts, type NumberType, rawNumberType } from '../numbers/numbers.ts';
import { ActionFailed, type FieldProblem, invalid } from '../operations/failure.ts';
import type { TrunkRow } from '../storage/tables.ts';
import { type Asker, knownTrunk, trunkName } from './known-trunks.ts';

export interface ImportedNumberInput {
  readonly e164: string;
  readonly didNumberId?: number | null | undefined;
  readonly orderId?: number | null | undefined;
  readonly country?: string | null | undefined;
  readonly type?: NumberType | null | undefined;
  readonly city?: string | null | undefined;
  readonly smsEnabled?: boolean | null | undefined;
  readonly trunk?: string | null | undefined;
}

/** How many numbers were new, and of how many something new was learnt. */
export interface ImportNumbersResult {
  readonly imported: number;
  readonly updated: number;
}

const mostNumbers = 1_000;
const longestCity = 200;

type Trunks = ReadonlyMap<string, TrunkRow | null>;

/**
 * Loads numbers that were bought before the gateway: all of them, or none where one has a fault. What they say of routing counts
 * only where nothing dated is known. @throws ActionFailed naming every fault.
 */
export async function importNumbers(
  asker: Asker,
  numbers: readonly ImportedNumberInput[],
): Promise<ImportNumbersResult> {
  if (numbers.length === 0 || numbers.length > mostNumbers)
    throw invalid([{ path: 'numbers', message: `Send 1 to 1,000 numbers at once, not ${numbers.length}.` }]);
  const { account } = asker;
  const trunks = await findTrunks(asker, numbers);
  const owners = await findOwners(account, numbers);
  const problems = numbers.flatMap((number, index) => problemsOf(number, index, numbers, trunks, owners));
  if (problems.length > 0) throw invalid(problems);
  const facts = numbers.map((number) => factsOf(number, trunks));
  const { inserted, changed } = await account.storage.transaction((trx) => learnNumbers(trx, account, facts));
  account.imported?.(numbers.map(({ e164 }) => e164));
  return { imported: inserted, updated: changed };
}

/** Each trunk that is named, by the name as it was given; null where there is none. */
async function findTrunks(asker: Asker, numbers: readonly ImportedNumberInput[]): Promise<Trunks> {
  const found = new Map<string, TrunkRow | null>();
  for (const { trunk } of numbers) {
    if (trunk == null || found.has(trunk)) continue;
    const row = await knownTrunk(asker, trunkName(trunk)).catch((error: unknown) => {
      if (error instanceof ActionFailed) return null;
      throw error;
    });
    found.set(trunk, row);
  }
  return found;
}

/** Which number of the picture has each of DIDfarm's ids. */
async function findOwners(
  account: Account,
  numbers: readonly ImportedNumberInput[],
): Promise<ReadonlyMap<number, string>> {
  const ids = numbers.flatMap(({ didNumberId }) => didNumberId ?? []);
  if (ids.length === 0) return new Map();
  const rows = await account.storage.db
    .selectFrom('numbers')
    .select(['e164', 'did_number_id'])
    .where('account', '=', account.id)
    .where('did_number_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [Number(row.did_number_id), row.e164]));
}

const noId = 'It is a whole number above 0, as the portal shows it.';
const isNoId = (id: number | null | undefined) => id != null && id <= 0;

function problemsOf(
  { e164, didNumberId, orderId, country, city, trunk }: ImportedNumberInput,
  index: number,
  numbers: readonly ImportedNumberInput[],
  trunks: Trunks,
  owners: ReadonlyMap<number, string>,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const say = (field: string, message: string) => problems.push({ path: `numbers.${index}.${field}`, message });
  const first = numbers.findIndex((number) => number.e164 === e164);
  if (first < index) say('e164', `${e164} is number ${first} already.`);
  const home = parsePhoneNumberFromString(e164)?.country;
  if (country != null && home !== undefined && home !== country)
    say('country', `${e164} is a number of ${home}, not of ${country}.`);
  if (didNumberId != null) {
    const owner = owners.get(didNumberId) ?? numbers.find((number) => number.didNumberId === didNumberId)?.e164;
    if (isNoId(didNumberId)) say('didNumberId', noId);
    else if (owner !== e164) say('didNumberId', `${didNumberId} is the id of ${owner} already.`);
  }
  if (isNoId(orderId)) say('orderId', noId);
  if (city != null && (city.length > longestCity || /\p{Cc}/u.test(city)))
    say('city', `A city has at most ${longestCity} characters, and none for control.`);
  if (trunk != null && trunks.get(trunk) == null) say('trunk', 'There is no such trunk.');
  return problems;
}

function factsOf(
  { e164, didNumberId, orderId, country, type, city, smsEnabled, trunk }: ImportedNumberInput,
  trunks: Trunks,
) {
  const row = trunk == null ? null : trunks.get(trunk);
  const facts: NumberFacts = {
    e164,
    didNumberId: didNumberId ?? undefined,
    orderId: orderId ?? undefined,
    country: country ?? undefined,
    rawType: (type && rawNumberType(type)) ?? undefined,
    city: city ?? undefined,
    smsEnabled: smsEnabled ?? undefined,
    trunk: row ? { value: { key: row.trunk_key, client: row.client_key }, at: null } : undefined,
  };
  return facts;
}
