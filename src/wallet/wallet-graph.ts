import DataLoader from 'dataloader';
import { sql } from 'kysely';
import { ClientRef } from '../clients/graph.ts';
import { ofClient } from '../clients/listing.ts';
import { nullUnless, seenByAll, seenWith } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { MoneyRef } from '../graph/money.ts';
import { NumberRef } from '../numbers/graph.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { connectTransactions, TransactionConnection, transactionArguments } from './graph.ts';
import { wholeTransactions } from './listing.ts';
import { checkSpan, clientSpending, type Span, type SpendingPeriod, walletSpending } from './spending.ts';
import { readBalance } from './wallet.ts';

const GranularityEnum = builder.enumType('Granularity', {
  description: 'How long the periods of a sum are.',
  values: {
    DAY: { description: 'Days, in UTC.' },
    MONTH: { description: 'Calendar months, in UTC.' },
    TOTAL: { description: 'One period for the whole span.' },
  },
});

const SpendingPeriodRef = builder.objectRef<SpendingPeriod>('SpendingPeriod').implement({
  ...seenByAll,
  description: 'What was spent in a period.',
  fields: (t) => ({
    start: t.expose('start', { type: 'Date', nullable: false, description: 'Its first day within the span.' }),
    end: t.expose('end', { type: 'Date', nullable: false, description: 'The day after its last one within the span.' }),
    total: t.field({
      type: MoneyRef,
      nullable: false,
      description:
        'What was spent, positive; refunds reduce it, top-ups do not. In euros: a transaction in another currency is left out.',
      resolve: (period) => period.total,
    }),
    count: t.exposeInt('count', { nullable: false, description: 'Of how many transactions in euros.' }),
    complete: t.boolean({
      nullable: false,
      description:
        'false while older transactions are still being read: the sum may grow. Then `extensions.upstream.stale` names `transactions`.',
      resolve: (_period, _args, context) => wholeTransactions(context),
    }),
  }),
});

const spanArguments = builder.args((t) => ({
  from: t.field({ type: 'Date', required: true, description: 'The first day.' }),
  to: t.field({ type: 'Date', required: true, description: 'The day after the last one: exclusive.' }),
  granularity: t.field({
    type: GranularityEnum,
    defaultValue: 'TOTAL',
    description: 'How long the periods are. By DAY a span is 3,700 days at most.',
  }),
}));

/** @throws GraphQLError BAD_USER_INPUT naming the argument. */
function spanOf(args: { from: string; to: string; granularity?: Span['granularity'] | null | undefined }): Span {
  const span = { from: args.from, to: args.to, granularity: args.granularity ?? 'TOTAL' };
  checkSpan(span);
  return span;
}

/** The wallet as one operation shows it: its balance is read when it is first asked for, and once. */
export interface Wallet {
  readonly read: () => ReturnType<typeof readBalance>;
}

/** Null for a client's viewer: the wallet is the account's. */
export function walletOf({ account, scope, use }: Context): Wallet | null {
  if (scope.client !== null) return null;
  let read: ReturnType<typeof readBalance> | undefined;
  return { read: () => (read ??= readBalance(account, use)) };
}

export const WalletRef = builder.objectRef<Wallet>('Wallet').implement({
  ...seenWith('account'),
  description: 'The prepaid wallet of the account, which everything is paid from.',
  fields: (t) => ({
    balance: t.field({
      type: MoneyRef,
      nullable: false,
      description: 'What is in it, never older than a minute while DIDfarm answers.',
      resolve: async (wallet) => {
        const { balance, currency } = (await wallet.read()).value;
        return { amount: balance, currency };
      },
    }),
    asOf: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When DIDfarm was asked for the balance.',
      resolve: async (wallet) => new Date((await wallet.read()).asOf),
    }),
    transactions: t.field({
      type: TransactionConnection,
      nullable: false,
      description: 'Its history, newest first.',
      args: transactionArguments,
      resolve: (_wallet, args, context) => connectTransactions(context, 'Wallet.transactions', args, []),
    }),
    spending: t.field({
      type: [SpendingPeriodRef],
      nullable: false,
      description:
        'What was spent, the oldest period first; only periods with a transaction. Holds also what no client can be named for.',
      args: spanArguments,
      resolve: async (_wallet, args, context) => {
        const span = spanOf(args);
        await wholeTransactions(context);
        return walletSpending(context.account.storage, context.scope, span);
      },
    }),
  }),
});

/** A loader a span: all clients of a page are summed up in one statement. */
const spendingLoaders = perOperation(() => new Map<string, DataLoader<string, readonly SpendingPeriod[]>>());

function spendingOfClient(context: Context, span: Span): DataLoader<string, readonly SpendingPeriod[]> {
  const loaders = spendingLoaders(context);
  const key = JSON.stringify(span);
  const loader =
    loaders.get(key) ??
    new DataLoader<string, readonly SpendingPeriod[]>((clients) =>
      clientSpending(context.account.storage, context.scope, clients, span),
    );
  loaders.set(key, loader);
  return loader;
}

builder.objectFields(ClientRef, (t) => ({
  transactions: t.field({
    type: TransactionConnection,
    nullable: false,
    description: 'What was attributed to its trunks, newest first.',
    args: transactionArguments,
    resolve: (client, args, context) =>
      connectTransactions(context, 'Client.transactions', args, [ofClient(client.client_key)]),
  }),
  spending: t.field({
    type: [SpendingPeriodRef],
    nullable: false,
    description: 'What its trunks and their numbers cost, the oldest period first; only periods with a transaction.',
    args: spanArguments,
    resolve: async (client, args, context) => {
      const span = spanOf(args);
      await wholeTransactions(context);
      return spendingOfClient(context, span).load(client.client_key);
    },
  }),
}));

builder.objectField(TrunkRef, 'transactions', (t) =>
  t.field({
    type: TransactionConnection,
    nullable: false,
    description: "What was attributed to it, its own and its numbers', newest first.",
    args: transactionArguments,
    resolve: (trunk, args, context) =>
      connectTransactions(context, 'Trunk.transactions', args, [sql`trunk_key = ${trunk.trunk_key}`]),
  }),
);

builder.objectField(NumberRef, 'transactions', (t) =>
  t.field({
    type: TransactionConnection,
    nullable: false,
    description: 'What refers to it, newest first.',
    args: transactionArguments,
    resolve: (number, args, context) =>
      connectTransactions(context, 'Number.transactions', args, [sql`e164 = ${number.e164}`]),
  }),
);

builder.queryFields((t) => ({
  wallet: t.field({
    ...nullUnless('account'),
    type: WalletRef,
    description: "The account's wallet; null for the viewer of one client.",
    resolve: (_root, _args, context) => walletOf(context),
  }),
  transactions: t.field({
    ...seenByAll,
    type: TransactionConnection,
    description: "The account's transactions, newest first.",
    args: transactionArguments,
    resolve: (_root, args, context) => connectTransactions(context, 'Query.transactions', args, []),
  }),
}));
