import type { Clock } from '../clock.ts';
import { createAttempts } from './attempts.ts';
import { type BreakerState, createBreaker } from './breaker.ts';
import { type BudgetState, createBudget } from './budget.ts';
import type { CallOptions, Spender } from './call-options.ts';
import { createCalls } from './calls.ts';
import { type CheckoutAnswer, type CheckoutItem, readCheckout } from './shapes/checkout.ts';
import { readSentMessage, type SentMessage } from './shapes/messages.ts';
import { readSearchPage, type SearchPage } from './shapes/numbers.ts';
import type { Page } from './shapes/page.ts';
import {
  type RegulatoryAnswer,
  type RegulatorySubmission,
  readRegulatory,
  regulatoryForm,
} from './shapes/regulatory.ts';
import {
  type CreatedTrunk,
  type RoutingAnswer,
  readCreatedTrunk,
  readCredentials,
  readRouting,
  readTrunkPage,
  type TrunkCredentials,
  type TrunkListing,
} from './shapes/trunks.ts';
import { type Balance, readBalanceAnswer, readTransactionPage, type TransactionListing } from './shapes/wallet.ts';
import type { ShareState } from './shares.ts';
import type { Ledger } from './spent-window.ts';
import { createTransport, type TransportLimits } from './transport.ts';

export type { CallOptions, Spender } from './call-options.ts';
export type { CheckoutAnswer, CheckoutItem } from './shapes/checkout.ts';
export type { SentMessage } from './shapes/messages.ts';
export type { AvailableNumber, SearchPage } from './shapes/numbers.ts';
export type { Page } from './shapes/page.ts';
export type { RegulatoryAnswer, RegulatoryDocument, RegulatorySubmission } from './shapes/regulatory.ts';
export type { CreatedTrunk, RoutingAnswer, TrunkCredentials, TrunkListing } from './shapes/trunks.ts';
export type { Balance, TransactionListing } from './shapes/wallet.ts';

/** What the account may still send, and whether DIDfarm is being left alone. Times are epoch milliseconds. */
export interface UpstreamState {
  readonly budget: BudgetState;
  readonly breaker: BreakerState;
}

/** DIDfarm's REST API for one account, one method an endpoint. Every method throws an `UpstreamFailure`, nothing else. */
export interface DidfarmClient {
  /** Connect guide, "Search Available Numbers". */
  searchNumbers(query: SearchQuery, options: CallOptions): Promise<SearchPage>;
  /** Connect guide, "Purchase a Number". Spends money; all of it or nothing. */
  checkout(items: readonly CheckoutItem[], options: CallOptions): Promise<CheckoutAnswer>;
  /** Connect guide, "Assign to a Trunk". */
  routeNumber(route: { didNumberId: number; sipTrunkId: number }, options: CallOptions): Promise<RoutingAnswer>;
  /** Connect guide, "Create Client SIP Trunks". The answer carries the password, this once. */
  createTrunk(trunk: { name: string; authType: string }, options: CallOptions): Promise<CreatedTrunk>;
  /** Connect guide, "List Trunks". */
  listTrunks(query: { page?: number }, options: CallOptions): Promise<Page<TrunkListing>>;
  /** Connect guide, "Regenerate Credentials". Disconnects the client's PBX. */
  regenerateCredentials(uuid: string, options: CallOptions): Promise<TrunkCredentials>;
  /** Connect guide, "Send Messages for Clients". Spends money. */
  sendMessage(message: { from: string; to: string; body: string }, options: CallOptions): Promise<SentMessage>;
  /** Connect guide, "Billing per Client". */
  listTransactions(query: { page?: number }, options: CallOptions): Promise<Page<TransactionListing>>;
  /** Connect guide, "Check Wallet Balance". */
  readBalance(options: CallOptions): Promise<Balance>;
  /** Connect guide, "How do I handle regulatory requirements via API?". */
  submitRegulatory(submission: RegulatorySubmission, options: CallOptions): Promise<RegulatoryAnswer>;
  /** The budget and the breaker as they stand. */
  state(): UpstreamState;
  /** What one spender may still have sent. */
  share(spender: Spender): ShareState;
  /** Ends what is under way and closes every connection. */
  close(): Promise<void>;
}

export interface SearchQuery {
  readonly country: string;
  /** DIDfarm's own word: `local`, `national`, `mobile`, `toll-free`. */
  readonly type?: string;
  readonly city?: string;
  readonly page?: number;
}

/** What the client writes down; pino's loggers fit. */
export interface UpstreamLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface DidfarmClientOptions {
  /** Without a trailing slash: `https://didfarm.com/api/v1`. */
  readonly baseUrl: string;
  readonly regulatoryUrl: string;
  readonly apiKey: string;
  /** Instead of the API key: what each call shows of who it is made for. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** DIDfarm does not take what those headers show any more (401, 419): called with them, as the call had them. */
  readonly onRefused?: ((shown: Readonly<Record<string, string>>) => void) | undefined;
  /** Requests a minute. */
  readonly rateLimit: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log?: UpstreamLog | undefined;
  readonly limits?: TransportLimits | undefined;
  /** The minute before this start; without it nothing was spent. */
  readonly ledger?: Ledger | undefined;
}

/** The one door to DIDfarm for one account: every call goes through its budget, its breaker and its retries. */
export function createDidfarmClient(options: DidfarmClientOptions): DidfarmClient {
  const { clock, random, log } = options;
  const transport = createTransport(options.limits);
  const budget = createBudget(options.rateLimit, clock, options.ledger);
  const breaker = createBreaker({
    clock,
    onOpen: () => log?.warn({}, 'DIDfarm fails repeatedly: calls are held back'),
  });
  const attempts = createAttempts({ transport, budget, breaker, clock, random });
  const { get, post, close } = createCalls({ ...options, attempts, budget });

  return {
    searchNumbers: async (query, call) => readSearchPage(await get('/numbers/search', { ...query }, call)),
    checkout: async (items, call) =>
      readCheckout(
        await post({
          path: '/wallet/checkout',
          json: { items: items.map(({ number, country, type }) => ({ number, country, type })) },
          call,
        }),
      ),
    routeNumber: async (route, call) =>
      readRouting(
        await post({
          path: '/portal/did-routing',
          json: { did_number_id: route.didNumberId, sip_trunk_id: route.sipTrunkId },
          call,
        }),
      ),
    createTrunk: async (trunk, call) =>
      readCreatedTrunk(
        await post({ path: '/portal/sip-trunks', json: { name: trunk.name, auth_type: trunk.authType }, call }),
      ),
    listTrunks: async (query, call) => readTrunkPage(await get('/portal/sip-trunks', query, call)),
    regenerateCredentials: async (uuid, call) =>
      readCredentials(await post({ path: `/portal/sip-trunks/${segment(uuid)}/regenerate-credentials`, call })),
    sendMessage: async ({ from, to, body }, call) =>
      readSentMessage(await post({ path: '/messages/send', json: { from, to, body }, secrets: [body], call })),
    listTransactions: async (query, call) => readTransactionPage(await get('/wallet/transactions', query, call)),
    readBalance: async (call) => readBalanceAnswer(await get('/wallet/balance', {}, call)),
    submitRegulatory: async (submission, call) =>
      readRegulatory(
        await post({
          path: '/regulatory/submit',
          url: options.regulatoryUrl,
          form: await regulatoryForm(submission),
          call,
        }),
      ),
    share: budget.share,
    state: () => ({ budget: budget.state(), breaker: breaker.state() }),
    close() {
      close();
      return transport.close();
    },
  };
}

/** One segment of a path. `..` alone survives encoding and would lead to another route. */
function segment(text: string): string {
  return /^\.*$/.test(text) ? '-' : encodeURIComponent(text);
}
