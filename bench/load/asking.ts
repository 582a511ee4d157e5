import type { Target } from './load.ts';
import { requestBytes } from './requests.ts';
import { createZipf } from './zipf.ts';

/** What a server is asked, as plain data: the generator is a process of its own. */
export interface Questions {
  readonly url: string;
  readonly document: string;
  /** Which variables take another value in each query: the moment of the transactions, or something of every root field. */
  readonly varied: 'nothing' | 'moment' | 'everything';
  /** So many different queries, drawn by Zipf's law; without it none comes twice. */
  readonly different?: number;
  /** Between these, in epoch milliseconds, are the moments. */
  readonly moments: { readonly oldest: number; readonly newest: number };
}

export function askingOf(questions: Questions): Target {
  const { url, document, varied, different } = questions;
  if (varied === 'nothing') {
    const request = requestBytes(url, document);
    return { url, next: () => request };
  }
  const moment = createMoments(questions.moments);
  let asked = 0;
  const next = () => {
    const to = moment();
    return requestBytes(url, document, varied === 'moment' ? { to } : { to, ...everythingElse(asked++) });
  };
  if (different === undefined) return { url, next };
  const all = Array.from({ length: different }, next);
  const place = createZipf(different);
  return { url, all, next: () => all[place()] ?? Buffer.alloc(0) };
}

/** Every millisecond between the two comes once before one comes again. */
function createMoments({ oldest, newest }: Questions['moments']): () => string {
  const span = newest - oldest;
  const step = coprime(span, 7_919);
  let place = 0;
  return () => {
    place = (place + step) % span;
    return new Date(oldest + place).toISOString();
  };
}

function coprime(of: number, from: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  return divisor(of, from) === 1 ? from : coprime(of, from + 1);
}

const day = 86_400_000;
const firstDay = Date.UTC(1900, 0, 1);
/** All of them before there was DIDfarm, so that sums are the same whichever is the first day. */
const days = 40_000;
/** More than there are trunks: pages of all of them. */
const fewest = 21;
const sizes = 100 - fewest + 1;
const bits = 10;

/** Another first day of the spending, and another page and spelling of all trunks, for each of 80,000; answers are of one size. */
function everythingElse(place: number) {
  const rest = Math.floor(place / sizes);
  return {
    from: new Date(firstDay + (place % days) * day).toISOString().slice(0, 10),
    first: fewest + (place % sizes),
    // Said twice nothing changes, but it is another list.
    status: [
      'REGISTERED',
      'OFFLINE',
      'UNKNOWN',
      ...Array.from({ length: bits }, (_, bit) => ((rest >> bit) & 1 ? 'OFFLINE' : 'UNKNOWN')),
    ],
  };
}
