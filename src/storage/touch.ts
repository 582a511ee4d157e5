/**
 * What a statement reads or writes of a table, no less than it really does: rows of one account or, where that is null, of any;
 * those with these keys or, where they are null, whichever (see `touch-keys.ts` for what a table's key is).
 */
export interface Touch {
  readonly table: string;
  readonly account: string | null;
  readonly keys: readonly string[] | null;
  /** Of a read, names among which are those of all columns that it depends on; of a write, what it changes of rows that stay. Left out: any. */
  readonly columns?: ReadonlySet<string> | undefined;
}

/** Told by the storage itself, from the statements that run, so that nobody can forget to. Neither may throw. */
export interface Observer {
  /** Before the statement is sent. */
  read(touch: Touch): void;
  /** As soon as it is there for others to read, or may be: its answer, or that of the commit, was lost. Not where it was rolled back. */
  written(touch: Touch): void;
}

/** Whether what was written may have changed what was read. */
export function meets(read: Touch, written: Touch): boolean {
  if (read.table !== written.table) return false;
  if (read.account !== null && written.account !== null && read.account !== written.account) return false;
  if (!columnsMeet(read.columns, written.columns)) return false;
  if (read.keys === null || written.keys === null) return true;
  const keys = read.keys;
  return written.keys.some((key) => keys.includes(key));
}

/** Whether a read that depends on the one may depend on what a write changes. */
export function columnsMeet(read: Touch['columns'], written: Touch['columns']): boolean {
  return read === undefined || written === undefined || !read.isDisjointFrom(written);
}
