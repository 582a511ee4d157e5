import type { Observer, Touch } from '../touch.ts';
import type { TouchPlan } from './findings.ts';
import type { Plan } from './plan.ts';
import type { Value } from './syntax.ts';

/** Tells an observer what the statements of one connection touch; what a transaction writes, when it is committed. */
export interface ObservedConnection {
  /** Before a statement is sent. */
  sending(plan: Plan, parameters: readonly unknown[]): void;
  /** In the tick in which it has run. `changed`: whether it changed any row. */
  ran(plan: Plan, parameters: readonly unknown[], changed: boolean): void;
  /** In the tick in which it failed: what it was to do may be done all the same. */
  failed(plan: Plan, parameters: readonly unknown[]): void;
}

export function observeConnection(observer: Observer): ObservedConnection {
  /** Null outside of a transaction. */
  let uncommitted: Touch[] | null = null;
  const written = (touches: readonly Touch[]) => {
    for (const touch of touches) observer.written(touch);
  };
  const end = (touches: readonly Touch[]) => {
    uncommitted = null;
    written(touches);
  };
  const keep = (touches: readonly Touch[]) => {
    if (uncommitted === null) written(touches);
    else uncommitted.push(...touches);
  };
  const ran = ({ frame, writes, counted }: Plan, parameters: readonly unknown[], changed: boolean) => {
    if (frame === 'begin') uncommitted = [];
    if (frame === 'commit') end(uncommitted ?? []);
    if (frame === 'rollback') end([]);
    if (changed || !counted) keep(writes.map((write) => touchOf(write, parameters)));
  };
  return {
    sending({ reads }, parameters) {
      for (const read of reads) observer.read(touchOf(read, parameters));
    },
    ran,
    failed(plan, parameters) {
      if (plan.frame !== 'begin') ran(plan, parameters, true);
    },
  };
}

function touchOf({ table, account, keys, columns }: TouchPlan, parameters: readonly unknown[]): Touch {
  return {
    table,
    account: account === null ? null : theSame(account, parameters),
    keys: keys === null ? null : keys.map((value) => textOf(value, parameters)),
    columns,
  };
}

/** Null where they are several: then it is any. */
function theSame([first, ...others]: readonly Value[], parameters: readonly unknown[]): string | null {
  if (first === undefined) return null;
  const text = textOf(first, parameters);
  return others.every((value) => textOf(value, parameters) === text) ? text : null;
}

function textOf(value: Value, parameters: readonly unknown[]): string {
  return typeof value === 'string' ? value : String(parameters[value]);
}
