import type { Value } from './syntax.ts';
import { isTable } from './table-keys.ts';

/** A touch before the parameters are known: the account, and the key, is one of these values; null: any. */
export interface TouchPlan {
  readonly table: string;
  readonly account: readonly Value[] | null;
  readonly keys: readonly Value[] | null;
  readonly columns?: ReadonlySet<string> | undefined;
}

/** What is found in a statement. */
export interface Findings {
  readonly reads: TouchPlan[];
  readonly writes: TouchPlan[];
  /** Names that a `with` gives to statements of its own. */
  readonly names: Set<string>;
  /** The tables that were met, each as often as it was. */
  readonly tables: string[];
  /** Whether it may depend on columns that it does not name. */
  asksForAll: boolean;
}

export function createFindings(): Findings {
  return { reads: [], writes: [], names: new Set(), tables: [], asksForAll: false };
}

/** What reads a name of its own reads no table, unless there is one of that name. */
export function readsIn({ reads, names }: Findings): TouchPlan[] {
  return reads.filter(({ table }) => isTable(table) || !names.has(table));
}
