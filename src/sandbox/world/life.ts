import type { Cancel, SandboxClock } from '../clock.ts';
import { parseEuros } from '../money.ts';
import { hash, pick } from '../random.ts';
import type { Account } from './account.ts';
import { trunkEvent } from './events.ts';

const texts = [
  'Your parcel arrives today between 14:00 and 16:00.',
  'Can you call me back this afternoon?',
  'Appointment confirmed, see you Thursday.',
  'Verification code: 481 205',
  'De levering is vertraagd, excuses.',
] as const;

/** A few bought numbers make the account look alive; after these the same numbers are suspended and come back. */
const mostPurchases = 20;
const topUpBelow = parseEuros('25');

/**
 * The life of an account by itself: about eight times a minute, a trunk first, a trunk drops or returns, a text arrives or a
 * number is bought, suspended or activated. What happens follows from the seed.
 */
export function startLife(account: Account, clock: SandboxClock): Cancel {
  const { seed } = account.plan;
  const { trunks, numbers, lifecycle, wallet } = account;
  let step = 0;
  let purchases = 0;
  let cancel: Cancel = () => {};

  const chance = (what: string) => hash(seed, 'life', what, step);
  const someNumber = (what: string) => numbers.byId(1 + (chance(what) % Math.max(1, numbers.count())));

  const moveTrunk = () => {
    const all = trunks.all();
    const waiting = all.find(({ status }) => status !== 'registered');
    const trunk = waiting && chance('return') % 3 > 0 ? waiting : all[chance('trunk') % Math.max(1, all.length)];
    if (!trunk) return;
    const status = trunk.status === 'registered' ? 'offline' : 'registered';
    account.emit(`trunk.${status}`, trunkEvent(trunks.setStatus(trunk, status)));
  };
  const receiveText = () => {
    const texting = numbers.all().filter(({ smsEnabled, status }) => smsEnabled && status === 'active');
    const candidates = texting.take(50).toArray();
    const number = candidates[chance('texted') % Math.max(1, candidates.length)];
    if (number)
      account.messages.receive(
        number.id,
        `+316${20_000_000 + (chance('sender') % 70_000_000)}`,
        pick(texts, chance('text')),
      );
  };
  const topUp = () => {
    if (wallet.balance() >= topUpBelow) return;
    const amount = parseEuros('50');
    wallet.book({ amount, type: 'top-up', description: 'Wallet top-up', referenceType: null, referenceId: null });
  };
  const buy = () => {
    const { total } = account.inventory.search({ type: 'local' }, 0, 0);
    const [found] = account.inventory.search({ type: 'local' }, chance('buy') % Math.max(1, total), 1).found;
    if (!found) return;
    purchases++;
    const { country, type } = found.block;
    const order = account.orders.checkout([{ number: found.e164, country, type }]);
    for (const { id, regulatoryStatus } of order.numbers)
      if (regulatoryStatus === 'required') account.regulatory.submit([id], []);
  };
  const moveNumber = () => {
    topUp();
    if (purchases < mostPurchases && chance('purchase') % 2 === 0) return buy();
    const number = someNumber('number');
    if (number?.status === 'suspended') lifecycle.activate(number.id);
    else if (number?.status === 'active') {
      lifecycle.suspend(number.id);
      clock.after(20_000, () => lifecycle.activate(number.id));
    }
  };

  const live = () => {
    if (step === 0) moveTrunk();
    else pick([moveTrunk, moveTrunk, moveTrunk, receiveText, receiveText, moveNumber], chance('what'))();
    step++;
    cancel = clock.after(5000 + (chance('pause') % 5000), live);
  };
  cancel = clock.after(5000, live);
  return () => cancel();
}
