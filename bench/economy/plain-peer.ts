import { createSchema, createYoga } from 'graphql-yoga';
import type { Clock } from '../../src/clock.ts';
import type { OwnedNumber } from '../../src/sandbox/world/numbers.ts';
import { type Get, type Listed, type RestRow, readPages, sinceWhen, spentOf } from './rest.ts';

/** A GraphQL server as one writes it in an afternoon, to stand beside the gateway. */
export interface Peer {
  fetch(request: Request): Promise<Response>;
}

export interface PeerOptions {
  readonly get: Get;
  readonly clock: Clock;
  /** DIDfarm lists no owned numbers, so the peer is given them for nothing. */
  readonly numbers: readonly OwnedNumber[];
}

const typeDefs = `
scalar Decimal scalar Date scalar DateTime scalar CountryCode scalar PhoneNumber
enum NumberType { LOCAL NATIONAL MOBILE TOLL_FREE }
enum Granularity { DAY MONTH TOTAL }
type Money { amount: Decimal! formatted: String! }
type Query {
  wallet: Wallet
  trunks(first: Int): TrunkPage
  transactions(first: Int): TransactionPage
  numbers(first: Int, after: String): NumberPage
  client(name: String!): Client
  availableNumbers(country: CountryCode!, type: NumberType, city: String, first: Int): AvailablePage
}
type Wallet { balance: Money! asOf: DateTime! spending(from: Date!, to: Date!): [Spending!]! }
type Spending { start: Date! total: Money! count: Int! }
type Client { name: String! spending(from: Date!, to: Date!, granularity: Granularity): [Spending!]! }
type TrunkPage { nodes: [Trunk!]! }
type Trunk { uuid: ID! name: String! status: String! client: Client! }
type TransactionPage { nodes: [Transaction!]! }
type Transaction { createdAt: DateTime description: String amount: Money! client: Client reference: Reference }
union Reference = Order | Number | Trunk
type Order { orderId: Int! }
type NumberPage { nodes: [Number!]! pageInfo: PageInfo! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Number { e164: PhoneNumber! status: String! city: String trunk: Trunk }
type AvailablePage { totalCount: Int nodes: [AvailableNumber!]! }
type AvailableNumber { e164: PhoneNumber! city: String monthlyRate: Money! setupFee: Money! smsEnabled: Boolean! requiresRegulatory: Boolean! }
`;

const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
const money = (amount: number) => ({ amount: amount.toFixed(3), formatted: euros.format(amount) });

interface Reading {
  /** One GET of a kind an operation: what a loader would give. */
  readonly get: Get;
}
type Span = { readonly from: string; readonly to: string };

/** Each resolver fetches what it shows. No budget, and no cache but what one operation shares. */
export function createPlainPeer({ get, clock, numbers }: PeerOptions): Peer {
  const byId = new Map(numbers.map((number) => [number.id, number]));
  const listTrunks = async (reading: Reading) => (await reading.get<Listed>('/portal/sip-trunks')).data;
  const trunkOf = async (id: unknown, reading: Reading) => (await listTrunks(reading)).find((row) => row['id'] === id);
  const clientOf = (trunk: RestRow | undefined) => trunk && { name: String(trunk['name']).trim() };

  const ownerOf = async (row: RestRow, reading: Reading): Promise<RestRow | undefined> => {
    const id = row['reference_id'];
    if (row['reference_type'] === 'trunk') return trunkOf(id, reading);
    const of = row['reference_type'] === 'order' ? numbers.find((each) => each.orderId === id) : byId.get(Number(id));
    return of && trunkOf(of.trunkId, reading);
  };
  const spending = async ({ from, to }: Span, reading: Reading, isOwn: (row: RestRow) => Promise<boolean>) => {
    const rows = await readPages(reading.get, '/wallet/transactions', sinceWhen(from));
    const spent = await spentOf(rows, { from, to }, isOwn);
    return spent.count === 0 ? [] : [{ start: from, total: money(spent.total), count: spent.count }];
  };

  const yoga = createYoga<object, Reading>({
    logging: false,
    maskedErrors: false,
    context: () => {
      const read = new Map<string, Promise<unknown>>();
      return {
        get: <T>(path: string) => {
          const answer = read.get(path) ?? get<T>(path);
          read.set(path, answer);
          return answer as Promise<T>;
        },
      };
    },
    schema: createSchema<Reading>({
      typeDefs,
      resolvers: {
        Query: {
          wallet: () => ({}),
          trunks: async (_root, _args, reading) => ({ nodes: await listTrunks(reading) }),
          transactions: async (_root, { first }: { first: number }, reading) => ({
            nodes: (await reading.get<Listed>('/wallet/transactions?page=1')).data.slice(0, first),
          }),
          numbers: (_root, { first, after }: { first: number; after?: string | null }) => {
            const start = Number(after ?? 0);
            const end = Math.min(numbers.length, start + first);
            return {
              nodes: numbers.slice(start, end),
              pageInfo: { hasNextPage: end < numbers.length, endCursor: `${end}` },
            };
          },
          client: (_root, { name }: { name: string }) => ({ name }),
          availableNumbers: async (_root, args: Record<string, string>, reading) => {
            const { country = '', type = '', city } = args;
            const query = new URLSearchParams({ country, type: type.toLowerCase().replace('_', '-') });
            if (city) query.set('city', city);
            const found = await reading.get<Listed>(`/numbers/search?${query}`);
            return { totalCount: found.meta.total, nodes: found.data.slice(0, Number(args['first'])) };
          },
        },
        Wallet: {
          balance: async (_wallet, _args, reading) =>
            money(Number((await reading.get<{ balance: string }>('/wallet/balance')).balance)),
          asOf: () => new Date(clock.now()).toISOString(),
          spending: (_wallet, span: Span, reading) => spending(span, reading, async () => true),
        },
        Client: {
          spending: (client: { name: string }, span: Span, reading) => {
            const wanted = client.name.trim().toLowerCase();
            return spending(
              span,
              reading,
              async (row) => clientOf(await ownerOf(row, reading))?.name.toLowerCase() === wanted,
            );
          },
        },
        Trunk: { status: (row: RestRow) => String(row['status']).toUpperCase(), client: clientOf },
        Transaction: {
          createdAt: (row: RestRow) => row['created_at'],
          amount: (row: RestRow) => money(Number(row['amount'])),
          client: async (row: RestRow, _args, reading) => clientOf(await ownerOf(row, reading)),
          reference: async (row: RestRow, _args, reading) => {
            const id = row['reference_id'];
            if (row['reference_type'] === 'order') return { __typename: 'Order', orderId: id };
            if (row['reference_type'] === 'number') return { __typename: 'Number', ...byId.get(Number(id)) };
            return row['reference_type'] === 'trunk' ? { __typename: 'Trunk', ...(await trunkOf(id, reading)) } : null;
          },
        },
        Number: {
          status: ({ status }: OwnedNumber) => status.toUpperCase(),
          trunk: ({ trunkId }: OwnedNumber, _args, reading) => trunkOf(trunkId, reading),
        },
        AvailableNumber: {
          e164: (row: RestRow) => row['number'],
          monthlyRate: (row: RestRow) => money(Number(row['monthly_rate']) / 100),
          setupFee: (row: RestRow) => money(Number(row['setup_fee']) / 100),
          smsEnabled: (row: RestRow) => row['sms_enabled'],
          requiresRegulatory: (row: RestRow) => row['requires_regulatory'],
        },
      },
    }),
  });
  return { fetch: async (request) => yoga.fetch(request) };
}
