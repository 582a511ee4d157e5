import { ApiError } from '../api-error.ts';
import { formatEuros, parseEuros } from '../money.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Account } from '../world/account.ts';
import { type EventData, trunkEvent } from '../world/events.ts';
import { numbersCsv } from '../world/numbers-csv.ts';
import type { Trunk, TrunkStatus } from '../world/trunks.ts';

/** What an account holds, in a few numbers. The balance is in euros. */
export interface AccountState {
  readonly apiKey: string;
  readonly balance: string;
  readonly trunks: number;
  readonly numbers: number;
  readonly transactions: number;
  readonly messages: number;
  readonly liveOrders: number;
  /** Rows of the seeded history computed so far. */
  readonly computedTransactions: number;
}

/** One account under control: its world as the truth, its webhooks, and things that happen at DIDfarm. */
export interface AccountControl {
  readonly apiKey: string;
  readonly world: Account;
  readonly webhooks: Deliveries;
  state(): AccountState;
  numbersCsv(): string;
  /** Sends an event as it is, without anything having happened. Any name and data will do. */
  emit(event: string, data?: EventData): void;
  /** A trunk registers or drops, and the event tells it. Throws an ApiError 404. */
  setTrunkStatus(uuid: string, status: TrunkStatus): Trunk;
  /** Brings money: a `top-up` row of so many euros. */
  topUp(euros: string): void;
}

/** Puts an account and its webhooks under control. */
export function createAccountControl(world: Account, webhooks: Deliveries): AccountControl {
  return {
    apiKey: world.plan.apiKey,
    world,
    webhooks,
    state: () => ({
      apiKey: world.plan.apiKey,
      balance: formatEuros(world.wallet.balance()),
      trunks: world.trunks.all().length,
      numbers: world.numbers.count(),
      transactions: world.wallet.count(),
      messages: world.messages.all().length,
      liveOrders: world.orders.live().length,
      computedTransactions: world.wallet.computed(),
    }),
    numbersCsv: () => numbersCsv(world),
    emit: (event, data = {}) => webhooks.emit(event, data),
    setTrunkStatus(uuid, status) {
      const trunk = world.trunks.byUuid(uuid);
      if (!trunk) throw new ApiError(404, 'not_found', `Trunk ${uuid} not found.`);
      const changed = world.trunks.setStatus(trunk, status);
      if (status !== 'provisioning') world.emit(`trunk.${status}`, trunkEvent(changed));
      return changed;
    },
    topUp(euros) {
      const amount = parseEuros(euros);
      world.wallet.book({
        amount,
        type: 'top-up',
        description: 'Wallet top-up',
        referenceType: null,
        referenceId: null,
      });
    },
  };
}
