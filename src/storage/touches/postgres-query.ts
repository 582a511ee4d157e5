import { LRUCache } from 'lru-cache';
import type { Observer } from '../touch.ts';
import { observeConnection } from './connection.ts';
import { type Plan, planOf } from './plan.ts';

/** Sends a statement over one connection. */
export type Send = (text: string, parameters: unknown[]) => Promise<Answer>;

interface Answer {
  readonly rowCount: number | null;
}

/** As many as are kept prepared on SQLite. */
const plansKept = 500;

/** For each connection that is taken from the pool: what it sends tells what it touches. */
export function createQueryObserver(observer: Observer): () => (send: Send) => Send {
  const plans = new LRUCache<string, Plan>({ max: plansKept });
  const planFor = (text: string) => {
    const known = plans.get(text) ?? planOf(text);
    plans.set(text, known);
    return known;
  };
  return () => {
    const connection = observeConnection(observer);
    return (send) => async (text, parameters) => {
      const plan = planFor(text);
      connection.sending(plan, parameters);
      let answer: Answer;
      try {
        answer = await send(text, parameters);
      } catch (error) {
        connection.failed(plan, parameters);
        throw error;
      }
      connection.ran(plan, parameters, answer.rowCount !== 0);
      return answer;
    };
  };
}
