import type { Clock } from '../../src/clock.ts';

/** Reads a path below the API's root. @throws Error naming path and status where it is not answered 2xx. */
export type Get = <T>(path: string) => Promise<T>;

export type RestRow = Readonly<Record<string, unknown>>;
export interface Listed {
  readonly data: readonly RestRow[];
  readonly meta: { readonly total: number; readonly last_page?: number };
}

class RestError extends Error {
  override readonly name = 'RestError';
}

export function createGet(apiUrl: string, apiKey: string): Get {
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
  return async <T>(path: string) => {
    const response = await fetch(`${apiUrl}${path}`, { headers });
    const body = await response.text();
    if (!response.ok) throw new RestError(`${path}: ${response.status}`);
    return JSON.parse(body) as T;
  };
}

/** The whole idea of a cache in front of a REST API: an answer serves everybody for so long; callers at once share one. */
export function cached(get: Get, clock: Clock, milliseconds: number): Get {
  const kept = new Map<string, { readonly until: number; readonly answer: Promise<unknown> }>();
  return <T>(path: string) => {
    const known = kept.get(path);
    if (known && known.until > clock.now()) return known.answer as Promise<T>;
    const answer = get<T>(path);
    kept.set(path, { until: clock.now() + milliseconds, answer });
    answer.catch(() => kept.delete(path));
    return answer;
  };
}

/** Pages newest first, until one holds a row that is too old, or there are no more. */
export async function readPages(get: Get, path: string, isLast: (row: RestRow) => boolean): Promise<RestRow[]> {
  const rows: RestRow[] = [];
  for (let page = 1; ; page++) {
    const { data } = await get<Listed>(`${path}?page=${page}`);
    rows.push(...data);
    if (data.length === 0 || data.some(isLast)) return rows;
  }
}

export function sinceWhen(day: string): (row: RestRow) => boolean {
  return (row) => String(row['created_at']).slice(0, 10) < day;
}

/** Euros that left within the span, less what came back for something that was bought. */
export async function spentOf(
  rows: readonly RestRow[],
  span: { readonly from: string; readonly to: string },
  isOwn: (row: RestRow) => Promise<boolean>,
): Promise<{ total: number; count: number }> {
  let mills = 0;
  let count = 0;
  for (const row of rows) {
    const day = String(row['created_at']).slice(0, 10);
    if (day < span.from || day >= span.to || row['reference_type'] === null || !(await isOwn(row))) continue;
    mills -= Math.round(Number(row['amount']) * 1000);
    count += 1;
  }
  return { total: mills / 1000, count };
}
