import type { TrunkCredentials } from '../didfarm/client.ts';
import { UpstreamFailure } from '../didfarm/errors.ts';
import { searchNow } from '../numbers/available.ts';
import { type NumberType, rawNumberType } from '../numbers/numbers.ts';
import type { Mutation } from '../operations/engine.ts';
import { ActionFailed, type Failure, invalid } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { failureOf } from '../operations/outcome.ts';
import { didNumberIdOf, routeNumber } from './assign-number.ts';
import { buy, type CheckoutItemInput, type CheckoutResult, problemsWith } from './checkout.ts';
import { checkTrunkName, credentialsOf, makeTrunk } from './create-trunk.ts';
import { withoutNotFound } from './refusals.ts';

export interface OnboardClientInput {
  readonly name: string;
  readonly country: string;
  readonly type: NumberType;
  readonly city: string | null;
}

/** What the client has now: the order's id, E.164, and the trunk's key. */
export interface OnboardClientResult {
  readonly orderId: number;
  readonly e164: string;
  readonly trunk: string;
}

/** Each candidate has its own step, so that the record tells which were tried. */
const mostCandidates = 5;

/**
 * A number on a trunk of its own for a new client (Connect guide, "Code Examples"): search, checkout, trunk, routing. Sent again with
 * its key it goes on where it stopped; what spent something is never repeated.
 */
export const onboardClient: Mutation<OnboardClientInput, OnboardClientResult, TrunkCredentials> = {
  name: 'onboardClient',
  resumable: true,
  async run(operation, input) {
    const { orderId, numbers } = await buyOne(operation, input);
    const [e164 = ''] = numbers;
    const bought = purchasesOf(operation);
    const made = await afterPurchase(
      `${bought}; no trunk was made for ${input.name} and nothing was routed`,
      async () => {
        // A trunk's password is shown once: none is made before the number can be routed to it.
        if (operation.begun('create-trunk') === null) await didNumberIdOf(operation, e164);
        return makeTrunk(operation, { name: input.name.trim(), authType: 'digest' });
      },
    );
    const { trunk } = made.result;
    // Its password was in an answer that is gone: nobody has seen it, and nobody can any more.
    const unseen = 'its password was not shown: regenerateTrunkCredentials makes a new one';
    const exists = `${bought}, and trunk ${trunk} was made for ${input.name} (${unseen}); the number is not routed to it`;
    await afterPurchase(exists, () => routeNumber(operation, e164, trunk));
    return { result: { orderId, e164, trunk }, secret: credentialsOf(made.answer) };
  },
};

/** All that it has bought: more than one where that of an earlier attempt became known late. */
function purchasesOf(operation: Operation): string {
  const bought = operation.given('checkout') as readonly CheckoutResult[];
  return bought.map(({ orderId, numbers }) => `order ${orderId} has bought ${numbers.join(', ')}`).join(', ');
}

/** The purchase: made before, or now of the first candidate that nobody else snatches. */
async function buyOne(operation: Operation, input: OnboardClientInput): Promise<CheckoutResult> {
  const begun = operation.begun('checkout');
  if (begun !== null) return (await buy(operation, begun, [])).result;
  checkTrunkName(input.name);
  const names = Array.from({ length: mostCandidates }, (_, nth) => operation.attempt('checkout', nth));
  const snatched: string[] = [];
  for (const [index, candidate] of (await search(operation, input)).entries()) {
    try {
      return (await buy(operation, names[index] ?? '', [candidate])).result;
    } catch (error) {
      if (!(error instanceof ActionFailed)) throw error;
      if (error.failure.type !== 'NumberUnavailableError') throw new ActionFailed(inOwnTerms(error.failure));
      snatched.push(candidate.e164);
    }
  }
  throw new ActionFailed(unavailable(input, snatched));
}

/** The first few that are for sale and that can be bought as far as is known here. */
async function search(operation: Operation, input: OnboardClientInput): Promise<CheckoutItemInput[]> {
  const { country, type } = input;
  if (rawNumberType(type) === null)
    throw invalid([
      { path: 'type', message: 'Take LOCAL, NATIONAL, MOBILE or TOLL_FREE: UNKNOWN cannot be searched for.' },
    ]);
  const found = await operation
    .ask('search', (call) => searchNow(operation.account, input, call))
    .catch((error: unknown) => {
      if (!(error instanceof UpstreamFailure)) throw error;
      throw new ActionFailed(withoutNotFound(failureOf(error)));
    });
  const candidates: CheckoutItemInput[] = [];
  for (const { number: e164 } of found.items) {
    const candidate = { e164, country, type };
    if (candidates.length < mostCandidates && (await problemsWith(operation, [candidate])).length === 0)
      candidates.push(candidate);
  }
  return candidates;
}

function unavailable({ country, type, city }: OnboardClientInput, snatched: readonly string[]): Failure {
  const wanted = `${type} in ${[city?.trim(), country].filter(Boolean).join(', ')}`;
  const message =
    snatched.length === 0
      ? `Nothing is for sale that is ${wanted}. Nothing was bought.`
      : `Somebody else was faster with each of ${snatched.length} numbers that are ${wanted}. Nothing was bought: send it again to try others.`;
  return { type: 'NumberUnavailableError', code: 'NUMBER_UNAVAILABLE', message, numbers: snatched };
}

/** A refusal of one of its steps as one of the whole: the only item's country is the input's own. */
function inOwnTerms(failure: Failure): Failure {
  const fields = failure.fields?.map(({ path, message }) => ({ path: path.replace(/^items\.0\./, ''), message }));
  return { ...withoutNotFound(failure), ...(fields && { fields }) };
}

/** A refusal once money is spent says what there is now, and that the same key goes on from there. */
async function afterPurchase<T>(exists: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    // What says that nothing was done speaks of one step.
    const why = error.failure.message.replace(/Nothing was done: (.)/, (_, letter: string) => letter.toUpperCase());
    const message = `It stopped half-way: ${exists}. Send it again with the same key to go on from there. The reason: ${why}`;
    throw new ActionFailed({ ...inOwnTerms(error.failure), message, retryable: true });
  }
}
