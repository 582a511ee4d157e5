import Big from 'big.js';
import type { Transaction } from 'kysely';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Account } from '../account.ts';
import type { CheckoutAnswer } from '../didfarm/client.ts';
import type { UpstreamFailure } from '../didfarm/errors.ts';
import { decimal } from '../graph/money.ts';
import { learnNumbers, type NumberFacts, type NumberType, rawNumberType } from '../numbers/numbers.ts';
import { ownedAmong } from '../numbers/owned.ts';
import type { Mutation } from '../operations/engine.ts';
import { type Failure, type FieldProblem, invalid } from '../operations/failure.ts';
import type { Operation, StepDone } from '../operations/operation.ts';
import type { Tables } from '../storage/tables.ts';
import { numbersInDoubt } from './checkouts-in-doubt.ts';
import { beforeCheckout } from './evidence/before-checkout.ts';
import { refreshMoney, withFreshBalance } from './money-spent.ts';
import { reasonOf, walletRefusal } from './refusals.ts';

export interface CheckoutItemInput {
  readonly e164: string;
  readonly country: string;
  readonly type: NumberType;
}

export interface CheckoutInput {
  readonly items: readonly CheckoutItemInput[];
}

/** What a checkout left behind, from which its payload is read. */
export interface CheckoutResult {
  readonly orderId: number;
  readonly numbers: readonly string[];
}

const mostItems = 100;

/** Buys numbers: all of them in one order, or none (Connect guide, "Purchase a Number"). */
export const checkout: Mutation<CheckoutInput, CheckoutResult> = {
  name: 'checkout',
  async run(operation, { items }) {
    if (operation.begun('checkout') === null) await check(operation, items);
    const { result } = await buy(operation, 'checkout', items);
    return { result };
  },
};

/** The step that spends. `name` begins with "checkout": by that others see that these numbers may have been bought. */
export async function buy(
  operation: Operation,
  name: string,
  items: readonly CheckoutItemInput[],
): Promise<StepDone<CheckoutAnswer, CheckoutResult>> {
  const { account } = operation;
  const done = await operation.step({
    name,
    evidence: () => beforeCheckout(operation, items),
    send: (call) =>
      account.didfarm.checkout(
        items.map(({ e164, country, type }) => ({ number: e164, country, type: rawNumberType(type) ?? '' })),
        call,
      ),
    apply: (trx, answer) => learnOrder(trx, account, items, answer),
    refused: (error) => withFreshBalance(account, refusalOf(error, items)),
  });
  if (done.answer !== null) await refreshMoney(operation);
  return done;
}

/** @throws ActionFailed naming every item that cannot be bought. */
async function check(operation: Operation, items: readonly CheckoutItemInput[]): Promise<void> {
  if (items.length === 0 || items.length > mostItems)
    throw invalid([
      { path: 'items', message: `An order has 1 to ${mostItems} numbers; this one has ${items.length}.` },
    ]);
  const problems = await problemsWith(operation, items);
  if (problems.length > 0) throw invalid(problems);
}

/** Why these cannot be bought, as far as is known here. */
export async function problemsWith(
  { account, key }: Operation,
  items: readonly CheckoutItemInput[],
): Promise<FieldProblem[]> {
  const e164s = items.map((item) => item.e164);
  const known = { owned: await ownedAmong(account, e164s), inDoubt: await numbersInDoubt(account, key) };
  return items.flatMap((item, index) => problemsOf(item, index, items, known));
}

function problemsOf(
  { e164, country, type }: CheckoutItemInput,
  index: number,
  items: readonly CheckoutItemInput[],
  { owned, inDoubt }: { owned: ReadonlySet<string>; inDoubt: ReadonlyMap<string, string> },
): FieldProblem[] {
  const path = `items.${index}`;
  const problems: FieldProblem[] = [];
  const home = parsePhoneNumberFromString(e164)?.country;
  const first = items.findIndex((item) => item.e164 === e164);
  if (first < index) problems.push({ path: `${path}.e164`, message: `${e164} is item ${first} already.` });
  if (owned.has(e164)) problems.push({ path: `${path}.e164`, message: `${e164} is yours already.` });
  const other = inDoubt.get(e164);
  if (other !== undefined)
    problems.push({ path: `${path}.e164`, message: `${e164} may have been bought already: ${other}.` });
  if (home !== undefined && home !== country)
    problems.push({ path: `${path}.country`, message: `${e164} is a number of ${home}, not of ${country}.` });
  if (rawNumberType(type) === null)
    problems.push({
      path: `${path}.type`,
      message: 'Take LOCAL, NATIONAL, MOBILE or TOLL_FREE, as the search gave it.',
    });
  return problems;
}

/** The order and its numbers as they are right after their checkout; what a webhook has said since stays. */
export async function learnOrder(
  trx: Transaction<Tables>,
  account: Account,
  items: readonly CheckoutItemInput[],
  answer: CheckoutAnswer,
): Promise<CheckoutResult> {
  const at = answer.createdAt ?? account.clock.now();
  const bought = items.map((item) => ({ item, row: rowOf(answer, item.e164, items.length) }));
  const paid = bought.map(
    ({ row }) => row && row.monthlyRate !== null && new Big(row.monthlyRate).plus(row.setupFee ?? 0),
  );
  const total = paid.every((each) => each instanceof Big)
    ? paid.reduce((sum, each) => sum.plus(each), new Big(0))
    : null;
  const order = {
    placed_at: at,
    total: total && decimal(total),
    requires_regulatory: answer.requiresRegulatory ? 1 : 0,
  } as const;
  await trx
    .insertInto('orders')
    .values({ account: account.id, order_id: answer.orderId, ...order })
    .onConflict((conflict) => conflict.columns(['account', 'order_id']).doUpdateSet(order))
    .execute();
  await trx
    .insertInto('order_items')
    .values(
      bought.map(({ item, row }) => ({
        account: account.id,
        order_id: answer.orderId,
        e164: item.e164,
        did_number_id: row?.didNumberId ?? null,
        monthly_rate: row?.monthlyRate ?? null,
        setup_fee: row?.setupFee ?? null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await learnNumbers(
    trx,
    account,
    bought.map(({ item, row }) => factsOf(item, row, answer, at)),
  );
  return { orderId: answer.orderId, numbers: items.map((item) => item.e164) };
}

type Bought = CheckoutAnswer['items'][number];

/** Rows are matched by number; one that names none is taken only where it can be no other. */
function rowOf(answer: CheckoutAnswer, e164: string, items: number): Bought | undefined {
  const named = answer.items.find((row) => row.number === e164);
  const [only] = answer.items;
  return named ?? (items === 1 && answer.items.length === 1 && only?.number === null ? only : undefined);
}

function factsOf(item: CheckoutItemInput, row: Bought | undefined, answer: CheckoutAnswer, at: number): NumberFacts {
  const regulatory = row?.requiresRegulatory === true || (answer.requiresRegulatory && answer.items.length <= 1);
  return {
    e164: item.e164,
    country: item.country,
    rawType: row?.rawType ?? rawNumberType(item.type) ?? undefined,
    didNumberId: row?.didNumberId ?? undefined,
    city: row?.city ?? undefined,
    smsEnabled: row?.smsEnabled ?? undefined,
    monthlyRate: row?.monthlyRate ?? undefined,
    setupFee: row?.setupFee ?? undefined,
    orderId: answer.orderId,
    status: { value: 'PROVISIONING', at },
    ...(regulatory && { regulatory: { value: 'REQUIRED', at } }),
    ...(answer.requiresRegulatory === false && { regulatory: { value: 'NOT_REQUIRED', at } }),
  };
}

function refusalOf(error: UpstreamFailure, items: readonly CheckoutItemInput[]): Failure {
  const numbers = items.map((item) => item.e164);
  const failure = walletRefusal(error, (field) => field.replace(/\bnumber$/, 'e164'));
  if (failure.type !== 'ValidationError' || !isGone(reasonOf(error))) return failure;
  const said = [error.message, ...error.fields.map((field) => field.message)].join(' ');
  const named = numbers.filter((number) => said.includes(number));
  return {
    ...failure,
    type: 'NumberUnavailableError',
    code: 'NUMBER_UNAVAILABLE',
    numbers: named.length > 0 ? named : numbers,
  };
}

/** A service that is unavailable says nothing of the number. */
function isGone(reason: string): boolean {
  return /(un|not[ _-]?)available/.test(reason) && !/service/.test(reason);
}
