import { ApiError } from '../api-error.ts';
import { centsToMills } from '../money.ts';
import { firstOrderId, type Transaction } from './history.ts';
import type { AvailableNumber, Inventory } from './inventory.ts';
import type { Numbers, OwnedNumber } from './numbers.ts';
import type { Wallet } from './wallet.ts';

/** What a checkout asks for. Country and type must be the number's. */
export interface CheckoutItem {
  readonly number: string;
  readonly country: string;
  readonly type: string;
}

/** A purchase: its numbers as they were bought, and the debit. */
export interface Order {
  readonly id: number;
  readonly numbers: readonly OwnedNumber[];
  readonly transaction: Transaction;
}

/** The purchases of an account. */
export interface Orders {
  /** Buys all items or none. Throws an ApiError: number_unavailable, validation_error or insufficient_balance. */
  checkout(items: readonly CheckoutItem[]): Order;
  live(): readonly Order[];
}

interface OrdersParts {
  readonly inventory: Inventory;
  readonly numbers: Numbers;
  readonly wallet: Wallet;
  readonly initialNumbers: number;
  readonly activateSoon: (id: number) => void;
}

/** Connect guide, "Purchase a Number": debit, order and provisioning happen together or not at all. */
export function createOrders({ inventory, numbers, wallet, initialNumbers, activateSoon }: OrdersParts): Orders {
  const orders: Order[] = [];

  const reserve = (items: readonly CheckoutItem[]) => {
    const seen = new Set<string>();
    return items.map((item, index) => {
      const available = seen.has(item.number) ? undefined : inventory.find(item.number);
      if (!available) throw new ApiError(422, 'number_unavailable', `The number ${item.number} is not available.`);
      refuseMismatch(available, item, index);
      seen.add(item.number);
      return available;
    });
  };

  return {
    checkout(items) {
      const reserved = reserve(items);
      const cents = reserved.reduce((sum, { block }) => sum + block.monthlyRateCents + block.setupFeeCents, 0);
      if (wallet.balance() < centsToMills(cents)) {
        throw new ApiError(422, 'insufficient_balance', 'Wallet balance too low for this purchase.');
      }
      const id = firstOrderId + Math.ceil(initialNumbers / 2) + orders.length;
      const transaction = wallet.book({
        amount: -centsToMills(cents),
        type: 'order',
        description: `Order #${id}`,
        referenceType: 'order',
        referenceId: id,
      });
      const bought = reserved.map((available) => {
        inventory.sell(available.e164);
        return numbers.add(toOwned(available, id));
      });
      for (const number of bought) if (number.regulatoryStatus === 'not_required') activateSoon(number.id);
      const order = { id, numbers: bought, transaction };
      orders.push(order);
      return order;
    },
    live: () => orders,
  };
}

function refuseMismatch({ block }: AvailableNumber, item: CheckoutItem, index: number): void {
  for (const field of ['country', 'type'] as const) {
    if (block[field] !== item[field]) {
      const message = `The ${field} does not match the number ${item.number}.`;
      throw new ApiError(422, 'validation_error', message, { [`items.${index}.${field}`]: [message] });
    }
  }
}

function toOwned({ e164, block }: AvailableNumber, orderId: number): Omit<OwnedNumber, 'id'> {
  return {
    e164,
    country: block.country,
    type: block.type,
    city: block.city,
    smsEnabled: block.smsEnabled,
    trunkId: null,
    status: 'provisioning',
    monthlyRateCents: block.monthlyRateCents,
    setupFeeCents: block.setupFeeCents,
    orderId,
    activatedAt: null,
    regulatoryStatus: block.regulatory ? 'required' : 'not_required',
  };
}
