import { join } from 'node:path';
import { accountId, type Role, type Viewer } from '../../../src/access/viewer.ts';
import { type AccessGateway, startAccessGateway } from '../../support/access-gateway.ts';
import { type Asking, askingAs, viewerOf } from '../../support/viewers.ts';
import { type AccountGateway, type AccountWorld, type Belongings, fillWorld } from './world.ts';

/** Whoever asks, and what of their account is theirs; null where all of it is. */
export interface Portal {
  readonly asking: Asking;
  readonly own: Belongings | null;
  readonly world: AccountWorld;
  /** The other account. */
  readonly other: AccountWorld;
}

/** One gateway of two accounts, in which clients of the same names have other things. */
export interface TwoWorlds extends AsyncDisposable {
  readonly gateway: AccessGateway<string>;
  readonly worlds: readonly [AccountWorld, AccountWorld];
  /** Of each account an ADMIN, an OPERATOR, a READER and the CLIENTs of three clients, of which one may send. */
  readonly portals: readonly Portal[];
}

const sizes = { trunks: 9, numbers: 40, transactions: 90, balance: '500.00' } as const;
const sides = [
  { name: 'amsterdam', apiKey: 'df_live_amsterdam', seed: 1, secret: 'whsec_of_amsterdam' },
  { name: 'berlin', apiKey: 'df_live_berlin', seed: 2, secret: 'whsec_of_berlin' },
] as const;
type Side = (typeof sides)[number];

const wide = ['ADMIN', 'OPERATOR', 'READER'] as const satisfies readonly Role[];
const narrow = ['Acme Corp', 'Van Dijk Logistiek', 'Bakkerij De Zon'] as const;

/** Everybody comes in by a token of the access file. @param databaseUrl default: SQLite in memory. */
export async function startTwoWorlds(databaseUrl = 'sqlite::memory:'): Promise<TwoWorlds> {
  const gateway = await startAccessGateway<string>({
    holders: Object.fromEntries(
      sides.flatMap((side) => [
        ...wide.map((role) => [`${side.name}.${role}`, `--role ${role} --account ${side.name}`] as const),
        ...narrow.map((client, place) => [nameOf(side, client), grantOf(side, client, place === 0)] as const),
      ]),
    ),
    sandbox: {
      ...{ ...sizes, apiKey: sides[0].apiKey, seed: sides[0].seed, rateLimit: null, variants: { perPage: 100 } },
      accounts: [{ ...sizes, apiKey: sides[1].apiKey, seed: sides[1].seed }],
    },
    files: () => ({
      'accounts.json': sides.map(({ name, apiKey, secret }) => ({
        ...{ name, apiKey, webhookSecrets: [secret], rateLimit: 100_000 },
      })),
    }),
    environment: (_, folder) => ({
      ...{ ACCOUNTS_FILE: join(folder, 'accounts.json'), DIDFARM_API_KEY: '', DIDFARM_WEBHOOK_SECRET: '' },
      DATABASE_URL: databaseUrl,
    }),
  });
  const open = async (side: Side) => {
    const view = viewOf(gateway, side);
    await gateway.app.importNumbers(view.sandbox.control.numbersCsv(), 'csv', side.name);
    return fillWorld(view, view.as(viewerIn(side, 'ADMIN')));
  };
  const [first, second] = [await open(sides[0]), await open(sides[1])];
  const portalsOf = (side: Side, world: AccountWorld, other: AccountWorld): Portal[] => [
    ...wide.map((role) => ({ asking: world.gateway.as(viewerIn(side, role)), own: null, world, other })),
    ...[world.acme, world.vanDijk, world.bakery].map((own, place) => {
      const grant = { name: nameOf(side, own.name), client: own.name, send: place === 0 };
      const viewer = { ...viewerOf('CLIENT', grant), account: world.account };
      return { asking: world.gateway.as(viewer), own, world, other };
    }),
  ];
  return {
    gateway,
    worlds: [first, second],
    portals: [...portalsOf(sides[0], first, second), ...portalsOf(sides[1], second, first)],
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

function nameOf({ name }: Side, client: string): string {
  return `${name}.${client.replaceAll(' ', '-')}`;
}

function grantOf({ name }: Side, client: string, send: boolean): string {
  return `--role CLIENT --client ${client} --account ${name}${send ? ' --send' : ''}`;
}

function viewerIn({ name }: Side, role: Role): Viewer {
  return { ...viewerOf(role, { name: `${name}.${role}` }), account: accountId(name) };
}

/** The gateway as one account is asked and told things. */
function viewOf(gateway: AccessGateway<string>, { name, apiKey, secret }: Side): AccountGateway {
  const { app, clock, sandbox, bearers } = gateway;
  const control = { ...sandbox.control, ...sandbox.control.account(apiKey) };
  return {
    app,
    clock,
    sandbox: { ...sandbox, apiKey, webhookSecret: secret, control },
    as: (viewer) => askingAs(gateway, viewer, { ...bearers[viewer.name] }),
    deliver: (event, at, data) => gateway.deliver(event, data, { path: `/webhooks/didfarm/${name}`, secret, at }),
  };
}
