interface Shown {
  readonly wallet?: string;
  readonly trunks?: string;
  readonly transactions?: string;
}

const shownOnDashboard = ({ wallet = '', trunks = 'first: 20', transactions = 'first: 25' }: Shown) => `
  wallet { balance { amount formatted } asOf ${wallet}}
  trunks(${trunks}) { nodes { uuid name status client { name } } }
  transactions(${transactions}) {
    nodes {
      createdAt
      description
      amount { formatted }
      client { name }
      reference { __typename ... on Number { e164 } ... on Trunk { name } ... on Order { orderId } }
    }
  }`;

/** Everything a reseller's start page shows. */
export const dashboard = `query Dashboard {${shownOnDashboard({})}
}`;

const before = 'first: 25, filter: { to: $to }';

/** The same as of another moment: as many different queries as there are moments, with answers of the same size. */
export const dashboardBefore = `query DashboardBefore($to: DateTime) {${shownOnDashboard({ transactions: before })}
}`;

/** Each root field has arguments of its own, with what was spent until that day; answers are as large again. */
export function dashboardOf(today: Date): string {
  const spending = `spending(from: $from, to: "${today.toISOString().slice(0, 10)}") { total { amount } count } `;
  const trunks = 'first: $first, filter: { status: $status }';
  return `query DashboardOf($to: DateTime, $from: Date!, $first: Int!, $status: [TrunkStatus!]) {${shownOnDashboard({ wallet: spending, trunks, transactions: before })}
}`;
}

export const numberPage = `query NumberPage($after: String) {
  numbers(first: 25, after: $after) {
    nodes { e164 status city trunk { name client { name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const clientBill = `query ClientBill($client: String!, $from: Date!, $to: Date!) {
  client(name: $client) { name spending(from: $from, to: $to, granularity: MONTH) { start total { amount } count } }
  wallet { spending(from: $from, to: $to) { total { amount } count } }
}`;

export const numberSearch = `query NumberSearch($country: CountryCode!, $type: NumberType, $city: String) {
  availableNumbers(country: $country, type: $type, city: $city, first: 10) {
    totalCount
    nodes { e164 city monthlyRate { formatted } setupFee { formatted } smsEnabled requiresRegulatory }
  }
}`;

export const transactionPage = `query TransactionPage($after: String, $filter: TransactionFilter) {
  transactions(first: 25, after: $after, filter: $filter) {
    nodes {
      transactionId
      createdAt
      description
      amount { amount }
      client { name }
      reference { __typename ... on Number { e164 } ... on Trunk { name } ... on Order { orderId } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;
