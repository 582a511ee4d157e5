import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import { type Asking, viewerOf } from '../support/viewers.ts';
import { type Composite, isComposite } from './support/composite.ts';
import { audiences, sees } from './support/decisions.ts';
import { hole, reached, reaches, recordFailures, selectionOf } from './support/reach.ts';
import { everyRole, type RoleName, roles } from './support/roles.ts';
import { foundIn, startWorld, type World } from './support/world.ts';

const types = Object.values(schema.getTypeMap()).filter(isComposite);
const coordinatesOf = (type: Composite) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`);
const decided = audiences();

/** What is null here for everybody, and what is each viewer's own to say. */
const unknownHere = ['Message.cost', 'Message.rawStatus', 'SyncState.error'];
const ofTheViewer = ['Viewer.role', 'Viewer.client'];

let world: World;
let asking: Readonly<Record<RoleName, Asking>>;
beforeAll(async () => {
  world = await startWorld();
  asking = everyRole(world);
  const viewers = Object.values(asking).map(({ viewer }) => viewer.name);
  await recordFailures(world, viewers);
});
afterAll(() => world[Symbol.asyncDispose]());

test('somebody has decided of every field who sees it, and of none that is not there', () => {
  expect([...decided.keys()].sort()).toEqual(types.flatMap(coordinatesOf).sort());
});

test('every type can be reached, but those that only mutations and subscriptions answer', () => {
  const elsewhere = types.filter(({ name }) => !(name in reaches(world))).map(({ name }) => name);
  const answers = [...decided].flatMap(([field, audience]) => (audience === 'mutation' ? [field.split('.')[0]] : []));
  expect(elsewhere.sort()).toEqual([...new Set(answers)].sort());
});

/** Every field of a type as one role sees it, as JSON, and the bytes of the whole answer. */
async function look(role: RoleName, type: Composite): Promise<{ fields: ReadonlyMap<string, string>; text: string }> {
  const selections = Object.values(type.getFields()).map((field) => selectionOf(world, type.name, field));
  const query = reaches(world)[type.name]?.replace(hole, ['reached: __typename', ...selections].join(' ')) ?? '';
  const text = await asking[role].text(query);
  const object = reached(JSON.parse(text).data);
  const fields = Object.keys(type.getFields()).map((field): [string, string] => [
    `${type.name}.${field}`,
    JSON.stringify(object?.[field] ?? null),
  ]);
  return { fields: new Map(fields), text };
}

function* everyType() {
  for (const type of types) if (type.name in reaches(world)) yield type;
}

test('every field that can be reached has something to show to ADMIN, or nobody would be tried', async () => {
  const silent: string[] = [];
  for (const type of everyType())
    for (const [coordinate, value] of (await look('ADMIN', type)).fields) if (value === 'null') silent.push(coordinate);
  expect(silent.sort()).toEqual([...unknownHere, 'Viewer.client'].sort());
});

test.each(roles)('%s sees of every type what was decided, as ADMIN does, and nothing else', async (role) => {
  for (const type of everyType()) {
    const whole = await look('ADMIN', type);
    const seen = await look(role, type);
    for (const [coordinate, value] of seen.fields) {
      if (ofTheViewer.includes(coordinate) || unknownHere.includes(coordinate)) continue;
      const isSeen = sees(role, decided.get(coordinate) ?? 'mutation');
      const all = whole.fields.get(coordinate);
      if (isSeen) expect.soft(value, `${role} sees ${coordinate}`).toBe(all);
      else expect.soft(value, `${role} does not see ${coordinate}`).not.toBe(all);
    }
    if (role.startsWith('CLIENT')) expect.soft(foundIn(seen.text, world.foreignTo(world.acme))).toEqual([]);
  }
});

test('what an operation cost of the ration is told to whoever sees the gateway, and to a client’s viewer only how old its answer is', async () => {
  const told = await Promise.all(
    roles.map(async (role) => (await asking[role].ask('{ trunks { totalCount } }')).extensions),
  );
  const whole = { upstream: { calls: 0, remaining: expect.any(Number), resetsAt: expect.anything(), stale: [] } };
  const inPart = {
    upstream: { ...whole.upstream, viewer: expect.objectContaining({ remaining: expect.any(Number) }) },
  };
  expect(told).toEqual([whole, inPart, inPart, { upstream: { stale: [] } }, { upstream: { stale: [] } }]);
});

test('a trunk that is put under another client is from then on that one’s, with all that hangs on it', async () => {
  const portal = (client: string) => world.gateway.as(viewerOf('CLIENT', { name: `portal of ${client}`, client }));
  const [uuid = ''] = world.bakery.trunks;
  const query = `{ trunk(uuid: "${uuid}") { name numbers { nodes { e164 messages { nodes { body } } } } } events(filter: { trunk: "${uuid}" }) { totalCount } }`;
  const before = await portal(world.bakery.name).text(query);
  const put = 'mutation ($input: AssignTrunkToClientInput!) { assignTrunkToClient(input: $input) { __typename } }';
  await world.admin.ask(put, { input: { trunk: uuid, client: 'Holding' } });
  expect(await portal('Holding').text(query)).toBe(before);
  expect((await portal(world.bakery.name).ask(query)).data).toEqual({ trunk: null, events: { totalCount: 0 } });
});

test('each viewer is told who they are', async () => {
  const query = '{ viewer { account role client { name } } }';
  const told = await Promise.all(roles.map(async (role) => (await asking[role].ask(query)).data?.['viewer']));
  const client = { name: world.acme.name };
  expect(told).toEqual([
    ...['ADMIN', 'OPERATOR', 'READER'].map((role) => ({ account: 'sandbox', role, client: null })),
    ...['CLIENT', 'CLIENT'].map((role) => ({ account: 'sandbox', role, client })),
  ]);
});
