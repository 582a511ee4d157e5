import { askingOf } from './asking.ts';
import type { Answer, Order } from './generating.ts';
import { atRate, type Paced, type Target, type Top, topRate, warmUp } from './load.ts';

// Asks servers, as a program of its own: nothing but the asking is done here, and garbage is collected as seldom as there is room for.
const targets = new Map<string, Target>();

process.on('message', async (order: Order) => {
  const answer = await obey(order).catch((error: Error) => error);
  const told: Answer = answer instanceof Error ? { failure: answer.message } : { load: answer };
  process.send?.(told);
});
process.on('disconnect', () => process.exit(0));

async function obey({ kind, questions, rate = 0, milliseconds }: Order): Promise<Top | Paced | null> {
  // The same questions go on where they were: what must not come twice does not.
  const name = JSON.stringify(questions);
  const target = targets.get(name) ?? askingOf(questions);
  targets.set(name, target);
  if (kind === 'top rate') return topRate(target, milliseconds);
  if (kind === 'at rate') return atRate(target, rate, milliseconds);
  await warmUp(target, milliseconds);
  return null;
}
