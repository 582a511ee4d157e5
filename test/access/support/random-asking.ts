import type { Following } from '../../support/viewers.ts';
import { deeds } from './decisions.ts';
import { inputs, mutationOf } from './mutations.ts';
import { createDice, createOperations, type Dice, type Operations } from './random-operations.ts';
import { strangersIn } from './strangers.ts';
import type { Portal, TwoWorlds } from './two-worlds.ts';
import { type AccountWorld, type Belongings, bodyFor, foundIn, start } from './world.ts';

/** What became of so many operations. */
export interface Asked {
  readonly operations: number;
  readonly answers: number;
  /** How many answers told a portal of its own client, by the name of who asked. */
  readonly told: ReadonlyMap<string, number>;
  /** Each answer that told somebody what is not theirs, or that the gateway failed to give. */
  readonly faults: readonly string[];
}

/** All but those that DIDfarm's books know nothing of. */
const mutations = Object.keys(deeds).filter((field) => field !== 'importNumbers' && field !== 'assignTrunkToClient');

/** What everybody follows all the time: one execution serves all who may see the same, and none of the others. */
const followed = `subscription { events { id ... on TrunkEvent { trunk { id } } ... on NumberEvent { number { id } }
  ... on MessageEvent { message { body to } } } }`;

/** No two runs over the same worlds send the same text or key. */
let nth = 0;

/** What somebody may come to ask: about their own account's things half of the time, and otherwise about anybody's. */
interface Vocabulary {
  readonly own: ReadonlyMap<AccountWorld, Operations>;
  readonly any: Operations;
}

/** Has random viewers ask, change and follow random things, while things happen at DIDfarm, and judges each answer by the books. */
export async function askAtRandom(two: TwoWorlds, seed: number, count: number): Promise<Asked> {
  const dice = createDice(seed);
  const [first] = two.worlds;
  const any = createOperations(dice, first, two.worlds.flatMap(clientsOf));
  const own = new Map(two.worlds.map((world) => [world, createOperations(dice, world, clientsOf(world))]));
  const told = new Map<string, number>();
  const faults: string[] = [];
  let answers = 0;
  const judge = async (portal: Portal, text: string, answer: string) => {
    const { name } = portal.asking.viewer;
    const found = [...failures(answer), ...(await leaks(portal, text, answer))];
    if (found.length > 0) faults.push(`${name} was told ${found.join(', ')} by ${text}`);
    if (tellsOwn(portal, answer)) told.set(name, (told.get(name) ?? 0) + 1);
    answers += 1;
  };
  const followers = await Promise.all(
    two.portals.map(async (portal) => ({ portal, stream: await portal.asking.follow(followed) })),
  );
  for (let done = 0; done < count; done++) {
    const portal = dice.pick(two.portals);
    const asked = await step(dice, { own, any }, portal, two.worlds);
    for (const answer of asked.answers) {
      for (const each of [any, ...own.values()]) each.learn(answer);
      await judge(portal, asked.text, answer);
    }
    // The minute's ration, and how long things are kept, are not what is tried here.
    if (done % 500 === 499) await two.gateway.clock.advance(60_000);
  }
  for (const { portal, stream } of followers) {
    await stream.end();
    const received = eventsIn(stream);
    if (!received.some((answer) => tellsOwn(portal, answer)) && portal.own !== null)
      faults.push(`${portal.asking.viewer.name} was told nothing by what they followed`);
    for (const answer of received) await judge(portal, followed, answer);
  }
  return { operations: count, answers, told, faults };
}

function eventsIn(stream: Following): readonly string[] {
  return stream.received().match(/(?<=^data: )\{.*$/gm) ?? [];
}

function tellsOwn({ own }: Portal, answer: string): boolean {
  return own !== null && foundIn(answer, [own.name, ...own.numbers, ...own.trunks]).length > 0;
}

function clientsOf({ acme, vanDijk, bakery }: AccountWorld): readonly Belongings[] {
  return [acme, vanDijk, bakery];
}

function failures(answer: string): readonly string[] {
  return answer.match(/INTERNAL_SERVER_ERROR|GRAPHQL_VALIDATION_FAILED|UNAUTHENTICATED/g) ?? [];
}

/** Something happens at DIDfarm, to anybody's things. */
async function happen(dice: Dice, world: AccountWorld): Promise<void> {
  const { trunks, numbers } = dice.pick(clientsOf(world));
  const number = dice.pick(numbers);
  const at = start + 900_000 + 1_000 * nth++;
  const text = { id: `random-${nth}`, from: '+31687654321', to: number, body: bodyFor(number) };
  const event = dice.pick(['trunk.offline', 'trunk.registered']);
  if (dice.once(2)) await world.gateway.deliver(event, at, { trunk_uuid: dice.pick(trunks) });
  else await world.gateway.deliver('message.received', at, text);
}

async function step(
  dice: Dice,
  { own, any }: Vocabulary,
  { asking, world }: Portal,
  worlds: TwoWorlds['worlds'],
): Promise<{ text: string; answers: readonly string[] }> {
  const operations = (dice.once(2) && own.get(world)) || any;
  const kind = dice.roll(10);
  if (kind === 0) {
    const field = dice.pick(mutations);
    const about = dice.pick(worlds);
    const input = inputs(about, dice.pick(clientsOf(about)), nth++)[field] ?? {};
    return { text: JSON.stringify(input), answers: [await asking.text(mutationOf(field, '__typename'), { input })] };
  }
  if (kind === 1) {
    const text = operations.subscription();
    const stream = await asking.follow(text);
    for (const each of [world, ...worlds]) await happen(dice, each);
    await world.gateway.clock.advance(0);
    await stream.end();
    return { text, answers: eventsIn(stream) };
  }
  if (kind === 2) await happen(dice, dice.pick(worlds));
  const text = operations.query();
  return { text, answers: [await asking.text(text)] };
}

/** What an answer holds of others; what the asker wrote themselves may be said back to them in a refusal, and nowhere else. */
export async function leaks({ own, world, other }: Portal, asked: string, answer: string): Promise<string[]> {
  const known = new Set(world.secrets());
  const foreign = [
    ...(own === null ? [] : world.foreignTo(own)),
    ...other.secrets().filter((each) => !known.has(each)),
  ];
  const { errors = [], data, ...rest } = JSON.parse(answer);
  const written = foundIn(asked, foreign);
  const whys = Object.values(Object(data)).flatMap((result) => Object(result).why ?? []);
  const refusals = JSON.stringify([errors, whys]);
  const told = JSON.stringify([data, rest], (name, value) => (name === 'why' ? '' : value));
  return [
    ...(await strangersIn(told, own, world)),
    ...foundIn(told, foreign),
    ...foundIn(refusals, foreign).filter((each) => !written.includes(each)),
  ];
}
