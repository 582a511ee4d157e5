import type { OperationStepRow } from '../storage/operation-tables.ts';

/** The kind of call that a step is: `checkout-2` is another attempt at `checkout`. */
export function kindOf(step: string): string {
  return step.replace(/-\d+$/, '');
}

/** Which attempt at its kind of call a step is, from 1. */
export function attemptOf(step: string): number {
  return Number(/-(\d+)$/.exec(step)?.[1] ?? 1);
}

/** The name of an attempt. */
export function nameOf(kind: string, attempt: number): string {
  return attempt === 1 ? kind : `${kind}-${attempt}`;
}

/** The last attempt at a kind of call that was begun and did not fail; null where there is none. */
export function latestAttempt(steps: Iterable<OperationStepRow>, kind: string): string | null {
  const begun = [...steps].filter((step) => kindOf(step.name) === kind && step.status !== 'FAILED');
  const latest = Math.max(0, ...begun.map((step) => attemptOf(step.name)));
  return latest === 0 ? null : nameOf(kind, latest);
}

/**
 * The name of a new attempt, `nth` of several from 0. What was refused is overwritten; what was judged as not done keeps its place,
 * since later evidence may overturn that.
 */
export function newAttempt(steps: Iterable<OperationStepRow>, kind: string, nth: number): string {
  const kept = [...steps].filter((step) => kindOf(step.name) === kind && step.judged !== null);
  return nameOf(kind, Math.max(0, ...kept.map((step) => attemptOf(step.name))) + 1 + nth);
}
