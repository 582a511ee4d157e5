import type { Sandbox } from '../src/sandbox/sandbox.ts';
import type { Child } from './children.ts';
import { dashboard, dashboardBefore } from './documents.ts';
import type { Target } from './load/load.ts';
import { requestBytes } from './load/requests.ts';
import { createZipf } from './load/zipf.ts';

/** How many different queries viewers ask of an account that is looked at a lot. */
export const different = 1_000;

/** One and the same dashboard. */
export function sameAgain({ url }: Child): Target {
  const request = requestBytes(url, dashboard);
  return { url, next: () => request };
}

/** A thousand dashboards, some of them all the time and many now and then. */
export function byZipf({ url }: Child, sandbox: Sandbox): Target {
  const moment = createMoments(sandbox);
  const requests = Array.from({ length: different }, () => requestBytes(url, dashboardBefore, { to: moment() }));
  const place = createZipf(different);
  return { url, all: requests, next: () => requests[place()] ?? Buffer.alloc(0) };
}

/** No two are alike. */
export function neverAgain({ url }: Child, sandbox: Sandbox): Target {
  const moment = createMoments(sandbox);
  return { url, next: () => requestBytes(url, dashboardBefore, { to: moment() }) };
}

/** Moments between the newest transaction and the 25th, so that answers are of one size, and the REST API's first two pages suffice. */
function createMoments({ control }: Sandbox): () => string {
  const rows = control.world.wallet.newest(0, 26);
  const [newest = 0, oldest = 0] = [rows[0]?.createdAt, rows.at(-1)?.createdAt];
  const span = newest - oldest;
  // It has no divisor in common with the span, so every millisecond of it comes once before one comes again.
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
