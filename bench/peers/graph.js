// The part of the graph that a dashboard asks for, as one writes it over the REST API: each root field gives all that is below it as
// plain objects, so that no resolver runs for each of three hundred fields. Only what has arguments has one.

export const typeDefs = `
  scalar Date
  scalar DateTime
  scalar PhoneNumber
  enum TrunkStatus { REGISTERED OFFLINE UNKNOWN }
  type Query {
    wallet: Wallet
    trunks(first: Int, filter: TrunkFilter): TrunkPage
    transactions(first: Int, filter: TransactionFilter): TransactionPage
  }
  input TransactionFilter { to: DateTime }
  input TrunkFilter { status: [TrunkStatus!] }
  type Wallet { balance: Money asOf: DateTime! spending(from: Date!, to: Date!): [Spending!]! }
  type Spending { total: Money! count: Int! }
  type Money { amount: String! formatted: String! }
  type TrunkPage { nodes: [Trunk!]! }
  type Trunk { uuid: ID! name: String! status: TrunkStatus! client: Client }
  type Client { name: String! }
  type TransactionPage { nodes: [Transaction!]! }
  type Transaction {
    createdAt: DateTime
    description: String
    amount: Money!
    client: Client
    reference: Reference
  }
  union Reference = Number | Trunk | Order
  type Number { e164: PhoneNumber! }
  type Order { orderId: Int! }
`;

/**
 * Resolvers of the root fields. `numbers` are the owned ones, which DIDfarm does not list.
 * @param apiOf finds in a resolver's context what reads the REST API: `balance()`, `trunks()`, `transactions(page)`.
 */
export function createResolvers(numbers, apiOf) {
  const numbersById = new Map(numbers.map((number) => [number.id, number]));
  const numbersByOrder = new Map(numbers.map((number) => [number.orderId, number]));

  return {
    Query: {
      async wallet(_root, _args, context) {
        const { balance } = await apiOf(context).balance();
        return { balance: money(balance), asOf: new Date().toISOString() };
      },
      async trunks(_root, { first = 20, filter }, context) {
        const { data } = await apiOf(context).trunks();
        const wanted = filter?.status ? data.filter((row) => filter.status.includes(row.status.toUpperCase())) : data;
        return { nodes: wanted.slice(0, first).map(trunkOf) };
      },
      async transactions(_root, { first = 25, filter }, context) {
        const api = apiOf(context);
        const [{ data: trunks }, rows] = await Promise.all([api.trunks(), newest(api, first, filter?.to)]);
        const trunksById = new Map(trunks.map((trunk) => [trunk.id, trunk]));
        return { nodes: rows.map((row) => transactionOf(row, trunksById)) };
      },
    },
    Wallet: {
      async spending(_wallet, { from, to }, context) {
        const rows = await newest(apiOf(context), Number.POSITIVE_INFINITY);
        const spent = rows.filter((row) => isWithin(row.created_at, from, to) && row.reference_type !== null);
        if (spent.length === 0) return [];
        const total = spent.reduce((sum, { amount }) => sum - amount, 0);
        return [{ total: money(Number(total.toFixed(3))), count: spent.length }];
      },
    },
  };

  function transactionOf(row, trunksById) {
    const id = row.reference_id;
    const trunkOfNumber = (number) => number && trunksById.get(number.trunkId);
    const [trunk, reference] =
      row.reference_type === 'trunk'
        ? [trunksById.get(id), { __typename: 'Trunk', name: nameOf(trunksById.get(id)) }]
        : row.reference_type === 'number'
          ? [trunkOfNumber(numbersById.get(id)), { __typename: 'Number', e164: numbersById.get(id)?.e164 }]
          : row.reference_type === 'order'
            ? [trunkOfNumber(numbersByOrder.get(id)), { __typename: 'Order', orderId: id }]
            : [undefined, null];
    return {
      createdAt: row.created_at,
      description: row.description,
      amount: money(row.amount),
      client: trunk ? { name: nameOf(trunk) } : null,
      reference,
    };
  }
}

async function newest(api, count, before) {
  const rows = [];
  const limit = before === undefined || before === null ? Number.POSITIVE_INFINITY : Date.parse(before);
  for (let page = 1; rows.length < count; page++) {
    const { data } = await api.transactions(page);
    if (data.length === 0) break;
    for (const row of data) if (rows.length < count && Date.parse(row.created_at) < limit) rows.push(row);
  }
  return rows;
}

const isWithin = (moment, from, to) => moment >= from && moment < to;
const nameOf = (trunk) => trunk?.name.trim();
const trunkOf = (row) => ({
  uuid: row.uuid,
  name: row.name,
  status: row.status.toUpperCase(),
  client: { name: nameOf(row) },
});

const formatter = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'EUR',
  minimumFractionDigits: 2,
  maximumFractionDigits: 8,
});
const money = (amount) => ({ amount: String(amount), formatted: formatter.format(amount) });
