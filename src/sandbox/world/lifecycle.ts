import { at, type Cancel, type SandboxClock } from '../clock.ts';
import { centsToMills } from '../money.ts';
import { addMonths } from './calendar.ts';
import { type Emit, numberEvent } from './events.ts';
import type { History } from './history.ts';
import type { Numbers, OwnedNumber } from './numbers.ts';
import type { Trunks } from './trunks.ts';
import type { Wallet } from './wallet.ts';

/** What becomes of a number after its purchase. */
export interface Lifecycle {
  /** The carrier has it ready after a few seconds. */
  activateSoon(id: number): void;
  activate(id: number): OwnedNumber;
  suspend(id: number): OwnedNumber;
  release(id: number): OwnedNumber;
  stop(): void;
}

interface LifecycleParts {
  readonly clock: SandboxClock;
  readonly numbers: Numbers;
  readonly trunks: Trunks;
  readonly wallet: Wallet;
  readonly history: History;
  readonly emit: Emit;
  /** Numbers that the account has from the start. */
  readonly initial: number;
}

const activationDelay = 3000;

/** Renews each number on its activation anniversary; one that the wallet cannot pay for is suspended. */
export function createLifecycle(parts: LifecycleParts): Lifecycle {
  const { clock, numbers, trunks, wallet, history, emit } = parts;
  const timers = new Map<string, Cancel>();

  const schedule = (key: string, time: number, run: () => void) => {
    timers.get(key)?.();
    timers.set(key, at(clock, time, run));
  };
  const tell = (event: string, number: OwnedNumber) => {
    emit(event, numberEvent(number, trunks.byId(number.trunkId ?? 0)));
    return number;
  };
  const suspend = (id: number) => tell('number.suspended', numbers.change(id, { status: 'suspended' }));

  const renew = (id: number) => {
    const number = numbers.byId(id);
    if (number?.status !== 'active') return;
    const rate = centsToMills(number.monthlyRateCents);
    if (wallet.balance() < rate) {
      suspend(id);
      return;
    }
    wallet.book({
      amount: -rate,
      type: 'renewal',
      description: `Monthly renewal ${number.e164}`,
      referenceType: 'number',
      referenceId: id,
    });
  };
  /** The first numbers' anniversaries come one after the other, so one timer serves them all. */
  const renewNext = (n: number) => {
    const { index, time } = history.renewal(n);
    schedule('renewals', time, () => {
      renew(index + 1);
      renewNext(n + 1);
    });
  };
  const renewMonthly = (id: number, activatedAt: number, month: number) => {
    schedule(`renew ${id}`, addMonths(activatedAt, month), () => {
      renew(id);
      renewMonthly(id, activatedAt, month + 1);
    });
  };
  const activate = (id: number) => {
    const before = numbers.byId(id);
    const activatedAt = before?.activatedAt ?? clock.now();
    const number = numbers.change(id, { status: 'active', activatedAt });
    if (before?.activatedAt == null) renewMonthly(id, activatedAt, 1);
    return tell('number.activated', number);
  };

  if (parts.initial > 0) renewNext(0);

  return {
    activate,
    suspend,
    release: (id) => tell('number.released', numbers.change(id, { status: 'released', trunkId: null })),
    activateSoon: (id) => {
      schedule(`activate ${id}`, clock.now() + activationDelay, () => {
        if (numbers.byId(id)?.status === 'provisioning') activate(id);
      });
    },
    stop: () => {
      for (const cancel of timers.values()) cancel();
    },
  };
}
