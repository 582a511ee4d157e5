import type { Sandbox } from '../src/sandbox/sandbox.ts';
import type { Child } from './children.ts';
import { dashboard, dashboardBefore, dashboardOf } from './documents.ts';
import type { Questions } from './load/asking.ts';

/** How many different queries viewers ask of an account that is looked at a lot. */
export const different = 1_000;

/** One and the same dashboard. */
export function sameAgain({ url }: Child, sandbox: Sandbox): Questions {
  return { url, document: dashboard, varied: 'nothing', moments: momentsOf(sandbox) };
}

/** A thousand dashboards, some of them all the time and many now and then. */
export function byZipf({ url }: Child, sandbox: Sandbox): Questions {
  return { url, document: dashboardBefore, varied: 'moment', different, moments: momentsOf(sandbox) };
}

/** No two are alike: each shows the transactions before another moment. */
export function neverAgain({ url }: Child, sandbox: Sandbox): Questions {
  return { url, document: dashboardBefore, varied: 'moment', moments: momentsOf(sandbox) };
}

/** No two have a root field in common. */
export function nothingInCommon({ url }: Child, sandbox: Sandbox): Questions {
  return { url, document: dashboardOf(new Date()), varied: 'everything', moments: momentsOf(sandbox) };
}

/** Between the newest transaction and the 25th, so that answers are of one size, and the REST API's first two pages suffice. */
function momentsOf({ control }: Sandbox): Questions['moments'] {
  const rows = control.world.wallet.newest(0, 26);
  const [newest = 0, oldest = 0] = [rows[0]?.createdAt, rows.at(-1)?.createdAt];
  return { oldest, newest };
}
