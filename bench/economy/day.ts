import type { Trunk } from '../../src/sandbox/world/trunks.ts';
import { clientBill, dashboard, numberPage, numberSearch } from '../documents.ts';

/** Something that one viewer asks. */
export interface Visit {
  readonly viewer: number;
  readonly kind: 'dashboard' | 'numbers' | 'bill' | 'search';
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export const viewers = 50;
/** Each viewer polls its dashboard so often; they are spread evenly over that time. Milliseconds. */
export const pollEvery = 5_000;
export const step = pollEvery / viewers;
export const lasts = 10 * 60_000;

/** The bills cover this month and the last one. */
export const billSpan = { from: '2026-03-01', to: '2026-05-01' };

const searches = [
  { country: 'NL', type: 'LOCAL', city: 'Amsterdam' },
  { country: 'NL', type: 'LOCAL', city: 'Rotterdam' },
  { country: 'NL', type: 'MOBILE' },
  { country: 'DE', type: 'LOCAL', city: 'Berlin' },
  { country: 'DE', type: 'NATIONAL' },
  { country: 'BE', type: 'LOCAL', city: 'Antwerp' },
  { country: 'GB', type: 'MOBILE' },
  { country: 'FR', type: 'LOCAL', city: 'Paris' },
  { country: 'US', type: 'LOCAL', city: 'New York' },
  { country: 'US', type: 'TOLL_FREE' },
] as const;

/**
 * What is asked at a step of the day: one dashboard, since there are as many steps in `pollEvery` as viewers; a page of numbers
 * by each viewer twice a minute, a search once a minute, a client's bill every two minutes.
 */
export function visitsAt(
  place: number,
  trunks: readonly Trunk[],
  cursors: ReadonlyMap<number, string | null>,
): Visit[] {
  const viewer = place % viewers;
  const poll = Math.floor(place / viewers) + viewer;
  const visits: Visit[] = [{ viewer, kind: 'dashboard', query: dashboard, variables: {} }];
  if (poll % 6 === 0) {
    visits.push({ viewer, kind: 'numbers', query: numberPage, variables: { after: cursors.get(viewer) ?? null } });
  }
  if (poll % 12 === 3) {
    const wanted = searches[(viewer + poll) % searches.length];
    visits.push({ viewer, kind: 'search', query: numberSearch, variables: { ...wanted } });
  }
  if (poll % 24 === 5) {
    const client = trunks[(viewer + poll) % trunks.length]?.name.trim();
    visits.push({ viewer, kind: 'bill', query: clientBill, variables: { client, ...billSpan } });
  }
  return visits;
}
