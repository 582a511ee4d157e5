import { describe, expect, test } from 'vitest';
import { dashboard, dashboardBefore, numberPage, transactionPage } from '../../bench/documents.ts';
import { encodeId } from '../../src/graph/identifiers.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Work, workOf } from './counting.ts';

const pageOf = 'query ($count: Int) { trunks(first: $count) { nodes { name client { name } } } }';
const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Number { e164 } ... on Trunk { name } } }';

/** Nothing of it is remembered. */
const anew = { parsed: 1, validated: 1, executed: 1, serialized: 1 };
/** Nor of its three root fields. */
const three = { ...anew, executed: 3, serialized: 3 };
/** Its document is. */
const known = { parsed: 0, validated: 0, executed: 1, serialized: 1 };

interface Scenario {
  readonly what: string;
  /** What was asked before, and is not counted. */
  readonly before?: (gateway: Gateway) => Promise<unknown>;
  readonly ask: (gateway: Gateway) => Promise<unknown>;
  readonly costs: Work;
}

const scenarios: readonly Scenario[] = [
  {
    what: 'a dashboard of which nothing is known',
    ask: ({ askText }) => askText(dashboard),
    costs: { statements: 39, upstream: 3, ...three },
  },
  {
    what: 'a dashboard of which everything is known',
    before: ({ askText }) => askText('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }'),
    ask: ({ askText }) => askText(dashboard),
    costs: { statements: 6, upstream: 0, ...three },
  },
  {
    what: 'a dashboard two of whose three root fields another one had',
    before: ({ askText }) => askText(dashboardBefore, { to: '2026-07-01T00:00:00Z' }),
    ask: ({ askText }) => askText(dashboard),
    costs: { statements: 1, upstream: 0, ...anew },
  },
  {
    what: 'another page by the same document',
    before: ({ askText }) => askText(pageOf, { count: 4 }),
    ask: ({ askText }) => askText(pageOf, { count: 5 }),
    costs: { statements: 2, upstream: 0, ...known },
  },
  {
    what: 'a page of numbers',
    before: ({ askText }) => askText('{ trunks { totalCount } }'),
    ask: ({ askText }) => askText(numberPage),
    costs: { statements: 3, upstream: 0, ...anew },
  },
  {
    what: 'a page of transactions',
    before: ({ askText }) => askText('{ trunks { totalCount } transactions { totalCount } }'),
    ask: ({ askText }) => askText(transactionPage),
    costs: { statements: 4, upstream: 0, ...anew },
  },
  {
    what: 'a page of transactions about things that another page was about',
    before: async ({ askText }) => {
      await askText('{ trunks { totalCount } transactions { totalCount } }');
      await askText(transactionPage);
    },
    ask: ({ askText }) => askText(transactionPage, { filter: { from: '2020-01-01T00:00:00Z' } }),
    costs: { statements: 1, upstream: 0, ...known },
  },
  {
    what: 'several things of two types by their ids',
    before: ({ askText }) => askText('{ trunks { totalCount } }'),
    ask: ({ askText, sandbox }) => {
      const { trunks, numbers } = sandbox.control.world;
      const trunkIds = [...trunks.all()].slice(0, 3).map(({ uuid }) => encodeId('Trunk', uuid));
      const numberIds = [...numbers.all()].slice(0, 3).map(({ e164 }) => encodeId('Number', e164));
      return askText(nodes, { ids: [...trunkIds, ...numberIds] });
    },
    costs: { statements: 2, upstream: 0, ...anew },
  },
  {
    what: 'a document that is refused for its length',
    ask: ({ askText }) => askText(`{ ${'viewer { role } '.repeat(1_000)} }`),
    costs: { statements: 0, upstream: 0, parsed: 1, validated: 0, executed: 0, serialized: 0 },
  },
];

describe('the work that a query makes', () => {
  test.each(scenarios)('$what', async ({ before, ask, costs }) => {
    await using gateway = await startGateway();
    await before?.(gateway);
    await gateway.app.settled();
    expect(await workOf(gateway, () => ask(gateway))).toEqual(costs);
  });
});
