import type { Sandbox } from '../../src/sandbox/sandbox.ts';

/** One errand to a sandbox of its own, and what the sandbox's books say of it. */
export interface Prepared {
  /** Without its idempotency key. */
  readonly input: Readonly<Record<string, unknown>>;
  /** How often it was done since, by the kind of call. */
  done(): Readonly<Record<string, number>>;
}

/** A mutation, and the call of it at which the process dies. */
export interface Deed {
  readonly field: string;
  /** How the path of the call ends. */
  readonly path: string;
  prepare(sandbox: Sandbox, seed: number): Prepared;
}

const pick = <T>(all: readonly T[], seed: number): T => {
  const one = all[seed % all.length];
  if (one === undefined) throw new Error('The sandbox has none of these');
  return one;
};
const named = ({ control }: Sandbox, name: string) =>
  control.world.trunks.all().filter((trunk) => trunk.name === name).length;
const ordered = ({ control }: Sandbox) => control.world.orders.live().length;

function prepareOnboarding(sandbox: Sandbox, seed: number): Prepared {
  const { orders, numbers } = sandbox.control.world;
  const name = `Klant ${seed}`;
  const bought = () => orders.live().flatMap((order) => order.numbers);
  return {
    input: { name, country: 'GB', type: 'LOCAL' },
    done: () => ({
      checkout: ordered(sandbox),
      'create-trunk': named(sandbox, name),
      'route-number': bought().filter(({ id }) => numbers.byId(id)?.trunkId != null).length,
    }),
  };
}

export const deeds: readonly Deed[] = [
  {
    field: 'checkout',
    path: '/wallet/checkout',
    prepare(sandbox, seed) {
      const { found } = sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, 20);
      const { e164 } = pick(found, seed);
      return {
        input: { items: [{ e164, country: 'GB', type: 'LOCAL' }] },
        done: () => ({ checkout: ordered(sandbox) }),
      };
    },
  },
  {
    field: 'createTrunk',
    path: '/portal/sip-trunks',
    prepare(sandbox, seed) {
      const name = `Klant ${seed}`;
      return { input: { name }, done: () => ({ 'create-trunk': named(sandbox, name) }) };
    },
  },
  {
    field: 'regenerateTrunkCredentials',
    path: '/regenerate-credentials',
    prepare(sandbox, seed) {
      const { trunks } = sandbox.control.world;
      const { uuid, username } = pick(trunks.all(), seed);
      const isNew = () => trunks.byUuid(uuid)?.username !== username;
      return { input: { trunk: uuid }, done: () => ({ 'regenerate-credentials': isNew() ? 1 : 0 }) };
    },
  },
  {
    field: 'assignNumber',
    path: '/portal/did-routing',
    prepare(sandbox, seed) {
      const { trunks, numbers } = sandbox.control.world;
      const { id, e164, trunkId } = pick([...numbers.all()], seed);
      const trunk = pick(
        trunks.all().filter((each) => each.id !== trunkId),
        seed,
      );
      const isRouted = () => numbers.byId(id)?.trunkId === trunk.id;
      return { input: { number: e164, trunk: trunk.uuid }, done: () => ({ 'route-number': isRouted() ? 1 : 0 }) };
    },
  },
  {
    field: 'sendMessage',
    path: '/messages/send',
    prepare(sandbox, seed) {
      const { numbers, messages } = sandbox.control.world;
      const able = [...numbers.all()].filter(({ smsEnabled, status }) => smsEnabled && status === 'active');
      return {
        input: { from: pick(able, seed).e164, to: '+31687654321', body: 'Tot morgen' },
        done: () => ({ 'send-message': messages.all().length }),
      };
    },
  },
  {
    field: 'submitRegulatory',
    path: '/regulatory/submit',
    prepare(sandbox, seed) {
      const { numbers, inventory, orders } = sandbox.control.world;
      const { e164 } = pick(inventory.search({ country: 'NL', type: 'local' }, 0, 20).found, seed);
      orders.checkout([{ number: e164, country: 'NL', type: 'local' }]);
      const content = Buffer.from('%PDF-1.7 passport').toString('base64');
      const document = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content };
      const isSubmitted = () => numbers.byE164(e164)?.regulatoryStatus !== 'required';
      return {
        input: { number: e164, documents: [document] },
        done: () => ({ 'submit-regulatory': isSubmitted() ? 1 : 0 }),
      };
    },
  },
  { field: 'onboardClient', path: '/wallet/checkout', prepare: prepareOnboarding },
  { field: 'onboardClient', path: '/portal/sip-trunks', prepare: prepareOnboarding },
  { field: 'onboardClient', path: '/portal/did-routing', prepare: prepareOnboarding },
];
