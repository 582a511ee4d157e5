import { readdirSync, readFileSync } from 'node:fs';

/** A worked example: a tab of GraphiQL. `variables` is JSON. */
export interface Example {
  readonly query: string;
  readonly variables: string | null;
}

const folder = new URL('./examples/', import.meta.url);

const documents = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** The examples in their order; bills cover the three months up to the end of the current one (`now` in epoch milliseconds). */
export function examplesAt(now: number): readonly Example[] {
  const today = new Date(now);
  const firstOfMonth = (offset: number) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset, 1)).toISOString().slice(0, 10);
  const bill = JSON.stringify({ from: firstOfMonth(-2), to: firstOfMonth(1) }, null, 2);
  return documents.map((query) => ({ query, variables: query.includes('$from: Date!') ? bill : null }));
}
