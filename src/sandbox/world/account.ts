import type { SandboxClock } from '../clock.ts';
import { parseEuros } from '../money.ts';
import type { AccountPlan } from '../options.ts';
import type { Emit } from './events.ts';
import { createHistory, type History } from './history.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMessages, type Messages } from './messages.ts';
import { createNumbers, type Numbers } from './numbers.ts';
import { createOrders, type Orders } from './orders.ts';
import { createRegulatory, type Regulatory } from './regulatory.ts';
import { createTrunks, type Trunks } from './trunks.ts';
import { createWallet, type Wallet } from './wallet.ts';

/** One account's world: the truth that the API shows, open to a test that wants to compare. */
export interface Account {
  readonly plan: AccountPlan;
  readonly history: History;
  readonly wallet: Wallet;
  readonly trunks: Trunks;
  readonly numbers: Numbers;
  readonly inventory: Inventory;
  readonly orders: Orders;
  readonly messages: Messages;
  readonly regulatory: Regulatory;
  readonly lifecycle: Lifecycle;
  readonly emit: Emit;
}

/** Creates the world of an account out of its plan. Events go to `emit`. */
export function createAccount(plan: AccountPlan, clock: SandboxClock, emit: Emit): Account {
  const { seed } = plan;
  const now = () => clock.now();
  const balance = parseEuros(plan.balance);
  const { transactions, numbers: initial } = plan;
  const history = createHistory({
    seed,
    startAt: now(),
    transactions,
    numbers: initial,
    trunks: plan.trunks,
    balance,
  });
  const wallet = createWallet(history, balance, now);
  const trunks = createTrunks(seed, plan.trunks, now);
  const numbers = createNumbers(seed, initial, plan.trunks, history);
  const inventory = createInventory(seed, plan.available);
  const parts = { clock, wallet, trunks, numbers, emit };
  const lifecycle = createLifecycle({ ...parts, history, initial });
  const { activateSoon } = lifecycle;
  return {
    plan,
    history,
    wallet,
    trunks,
    numbers,
    inventory,
    orders: createOrders({ inventory, numbers, wallet, initialNumbers: initial, activateSoon }),
    messages: createMessages(parts),
    regulatory: createRegulatory({ ...parts, activateSoon }),
    lifecycle,
    emit,
  };
}
