import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createDidfarmClient } from '../../src/didfarm/client.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { startBacklog } from '../../src/wallet/backlog.ts';
import { holeFrom } from '../../src/wallet/holes.ts';
import { readBacklogPage, readHead } from '../../src/wallet/mirror.ts';
import { readMirror, writeMirror } from '../../src/wallet/mirror-state.ts';
import { refreshTransactions } from '../../src/wallet/refresh.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme } from './picture.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const closing: Upstream[] = [];
afterEach(async () => {
  for (const upstream of closing.splice(0)) await upstream.close();
});
async function upstreamWith(options: Parameters<typeof startUpstream>[0]): Promise<Upstream> {
  const upstream = await startUpstream(options);
  closing.push(upstream);
  return upstream;
}

const call = (upstream: Upstream) => ({ priority: 'ask' as const, deadline: upstream.clock.now() + 60_000 });
const nothing = { missing: [], surplus: [] };
const arrive = (upstream: Upstream, rows: number) => {
  for (let i = 0; i < rows; i++) upstream.sandbox.control.topUp('1.00');
};

const refresh = async (account: ReturnType<Upstream['start']>) =>
  refreshTransactions(account, { deadline: account.clock.now() + 10_000 });

const mirrorOf = async (storage: Storage) => {
  const state = await readMirror(storage.db, acme);
  if (state === null) throw new Error('Nothing was read');
  return state;
};

/** Reads the whole backlog, page by page. */
async function readOn(upstream: Upstream, account: ReturnType<Upstream['start']>): Promise<void> {
  while (await upstream.clock.through(readBacklogPage(account, call(upstream))));
}

eachDatabase('the mirror of transactions', (open, kind) => {
  test('the first read takes one page and answers; the backlog reads each other page once', async () => {
    const upstream = await upstreamWith({ transactions: 260 });
    const storage = await open();
    const account = upstream.start(storage);
    const { clock } = upstream;
    await clock.through(refresh(account));
    expect(upstream.pagesAsked()).toEqual([1]);
    expect(await account.snapshots.states(acme)).toMatchObject([
      { resource: 'transactions', rows: 25, complete: false, error: null, asOf: expect.any(Number) },
    ]);

    const backlog = startBacklog(account);
    await clock.through(backlog.idle());
    expect(upstream.pagesAsked()).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    expect(await account.snapshots.states(acme)).toMatchObject([{ rows: 260, complete: true, error: null }]);

    await backlog.stop();
  });

  if (kind.durable)
    test('a restart in the middle goes on where it stopped', async () => {
      const upstream = await upstreamWith({ transactions: 200 });
      const url = await kind.url();
      const first = await open(url);
      const heal = upstream.sandbox.control.faults.add({ kind: 'hang', path: '/wallet/transactions', skip: 4 });
      const backlog = startBacklog(upstream.start(first));
      const fifth = Promise.withResolvers<void>();
      upstream.beforePage = (page) => {
        if (page === 5) fifth.resolve();
      };
      await upstream.clock.through(fifth.promise);
      await upstream.clock.through(backlog.stop());
      await first.close();
      heal();
      upstream.pagesAsked();

      const second = await open(url);
      const again = startBacklog(upstream.start(second));
      await upstream.clock.through(again.idle());
      await again.stop();
      expect(upstream.pagesAsked()).toEqual([5, 6, 7, 8]);
      expect(await upstream.differences(second)).toEqual(nothing);
    });
});

describe('paging', () => {
  test('the newest page is asked for again once it is old, and what came since is all that is read', async () => {
    const upstream = await upstreamWith({ transactions: 20 });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    const read = () => clock.through(refresh(account));
    await Promise.all([read(), read(), read()]);
    await clock.advance(29_000);
    await read();
    expect(upstream.pagesAsked()).toEqual([1]);
    arrive(upstream, 2);
    await clock.advance(32_000);
    await read();
    expect(upstream.pagesAsked()).toEqual([1]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await storage.close();
  });

  test('rows that arrive between any two pages are neither lost nor doubled', async () => {
    const upstream = await upstreamWith({ transactions: 150, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    let arrived = 0;
    upstream.beforePage = (page) => {
      if (page === 1 || arrived >= 60) return;
      const rows = [3, 10, 0, 1, 12][page % 5] ?? 0;
      arrived += rows;
      arrive(upstream, rows);
    };
    const { clock } = upstream;
    await clock.through(readHead(account, call(upstream)));
    await readOn(upstream, account);
    upstream.beforePage = () => undefined;
    expect(arrived).toBeGreaterThan(50);
    for (let i = 0; i < 2; i++) {
      await clock.through(readHead(account, call(upstream)));
      await readOn(upstream, account);
    }
    expect(await upstream.differences(storage)).toEqual(nothing);
    expect(await readMirror(storage.db, acme)).toMatchObject({ rows: 150 + arrived, holes: [] });
    await storage.close();
  });

  test('a head that was away for long takes four pages and leaves the rest as a hole above the older backlog', async () => {
    const upstream = await upstreamWith({ transactions: 100, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    await clock.through(readHead(account, call(upstream)));
    await clock.through(readBacklogPage(account, call(upstream)));
    const known = await readMirror(storage.db, acme);
    upstream.pagesAsked();
    arrive(upstream, 65);
    await clock.through(readHead(account, call(upstream)));
    expect(upstream.pagesAsked()).toEqual([1, 2, 3, 4]);
    expect((await readMirror(storage.db, acme))?.holes).toMatchObject([
      { page: 5, until: known?.newest },
      { page: 3, until: null },
    ]);
    await readOn(upstream, account);
    // The hole closes on page 7, where the older backlog cannot be above.
    expect(upstream.pagesAsked()).toEqual([5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await storage.close();
  });

  test('a batch of one moment is not read again with every look at the head', async () => {
    const upstream = await upstreamWith({ transactions: 10, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    arrive(upstream, 80);
    const look = async () => {
      await clock.through(readHead(account, call(upstream)));
      await readOn(upstream, account);
      return upstream.pagesAsked().length;
    };
    expect(await look()).toBe(9);
    expect(await look()).toBe(1);
    await clock.advance(1_000);
    arrive(upstream, 1);
    expect(await look()).toBe(2);
    expect(await look()).toBe(1);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await storage.close();
  });

  test('an interrupted head pass begins at the first page again, and forgets nothing', async () => {
    const upstream = await upstreamWith({ transactions: 40, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    await clock.through(readHead(account, call(upstream)));
    await readOn(upstream, account);
    const { newest } = (await readMirror(storage.db, acme)) ?? {};
    arrive(upstream, 25);
    upstream.sandbox.control.faults.add({
      kind: 'status',
      status: 422,
      path: '/wallet/transactions',
      skip: 1,
      times: 1,
    });
    await expect(clock.through(readHead(account, call(upstream)))).rejects.toThrow('GET /wallet/transactions');
    expect(await readMirror(storage.db, acme)).toMatchObject({ newest, rows: 50 });
    arrive(upstream, 1);
    upstream.pagesAsked();
    await clock.through(readHead(account, call(upstream)));
    expect(upstream.pagesAsked()).toEqual([1, 2, 3]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await storage.close();
  });

  test('a listing without any paging facts ends at its empty page', async () => {
    const upstream = await upstreamWith({ transactions: 50, variants: { paging: 'none', perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const backlog = startBacklog(upstream.start(storage));
    await upstream.clock.through(backlog.idle());
    expect(upstream.pagesAsked()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await backlog.stop();
    await storage.close();
  });

  test('a listing that repeats its last page without end is left, and is complete', async () => {
    const variants = { paging: 'none', beyondLastPage: 'repeat', perPage: 10 } as const;
    const upstream = await upstreamWith({ transactions: 45, variants });
    const storage = await openStorage('sqlite::memory:');
    const backlog = startBacklog(upstream.start(storage));
    await upstream.clock.through(backlog.idle());
    expect(upstream.pagesAsked()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await backlog.stop();
    await storage.close();
  });

  test('pages that grow in the middle make the backlog skip rows; DIDfarm’s count tells, and they are read', async () => {
    const upstream = await upstreamWith({ transactions: 300, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    await clock.through(readHead(account, call(upstream)));
    for (let i = 0; i < 6; i++) await clock.through(readBacklogPage(account, call(upstream)));
    upstream.sandbox.control.variants.set({ perPage: 50 });
    await readOn(upstream, account);
    expect((await upstream.differences(storage)).missing.length).toBeGreaterThan(0);
    await clock.through(readHead(account, call(upstream)));
    await readOn(upstream, account);
    expect(await upstream.differences(storage)).toEqual(nothing);

    await clock.through(readHead(account, call(upstream)));
    expect(await readMirror(storage.db, acme)).toMatchObject({ rows: 300, missing: 0, holes: [] });
    await storage.close();
  });

  test('a count that says more than there is has the listing read again once, not for ever', async () => {
    const upstream = await upstreamWith({ transactions: 30, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    const wrong = {
      ...account,
      didfarm: {
        ...account.didfarm,
        listTransactions: async (...given: Parameters<typeof account.didfarm.listTransactions>) => {
          const answer = await account.didfarm.listTransactions(...given);
          return { ...answer, total: (answer.total ?? 0) + 5 };
        },
      },
    };
    for (let i = 0; i < 4; i++) {
      await clock.through(readHead(wrong, call(upstream)));
      await readOn(upstream, wrong);
    }
    expect(upstream.pagesAsked()).toEqual([1, 2, 3, 1, 1, 2, 3, 1, 1]);
    await storage.close();
  });

  test('an account without transactions is complete at once, and its first one is found', async () => {
    const upstream = await upstreamWith({ transactions: 1, numbers: 0, trunks: 0 });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    const empty = {
      ...account,
      didfarm: {
        ...account.didfarm,
        listTransactions: async () => ({ items: [], page: 1, lastPage: null, total: null }),
      },
    };
    expect(await clock.through(readHead(empty, call(upstream)))).toEqual({ rows: 0, complete: true });
    expect(await clock.through(readHead(account, call(upstream)))).toEqual({ rows: 1, complete: true });
    expect(await clock.through(readHead(empty, call(upstream)))).toEqual({ rows: 1, complete: true });
    expect(await readMirror(storage.db, acme)).toMatchObject({ newest: '1' });
    await storage.close();
  });
});

describe('a row that cannot be read', () => {
  /** A listing of 50 rows in two pages, the 30th without an amount until it is put right. */
  const listing = async () => {
    const state = { amount: 'n/a' };
    const server = createServer((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://upstream.test').searchParams.get('page'));
      const rows = Array.from({ length: 25 }, (_, place) => {
        const id = 50 - (page - 1) * 25 - place;
        return { id, amount: id === 21 ? state.amount : '-1.00', created_at: '2026-04-01T00:00:00Z' };
      });
      response.end(JSON.stringify({ data: rows, meta: { page, last_page: 2, total: 50 } }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };

  test('is left out, counted and said once; the others are read, and it is when it is put right', async () => {
    const { state, url } = await listing();
    const upstream = await upstreamWith({});
    const storage = await openStorage('sqlite::memory:');
    const { clock } = upstream;
    const given = upstream.start(storage);
    const limits = { rateLimit: 60_000, apiKey: 'k', regulatoryUrl: url, clock, random: () => 0.5 };
    const client = createDidfarmClient({ ...limits, baseUrl: url });
    const account = { ...given, didfarm: client };
    const backlog = startBacklog(account);
    await clock.through(backlog.idle());
    const sync = {
      rows: 49,
      complete: false,
      error: '1 of the transactions cannot be read. The first is 21: [4].amount: not an amount',
    };
    expect(await account.snapshots.states(acme)).toMatchObject([sync]);
    await clock.advance(10 * 60_000);
    await clock.through(refresh(account));
    await clock.advance(20_000);
    expect(await account.snapshots.states(acme)).toMatchObject([sync]);
    expect(upstream.warnings).toEqual(['Transactions that cannot be read are left out']);

    state.amount = '-2.00';
    await writeMirror(storage.db, acme, { ...(await mirrorOf(storage)), holes: [holeFrom(2, null)] });
    await clock.through(readBacklogPage(account, call(upstream)));
    expect(await mirrorOf(storage)).toMatchObject({ rows: 50, unreadable: [], holes: [] });
    await backlog.stop();
    await client.close();
    await storage.close();
  });
});

describe('the backlog', () => {
  test('backs off where DIDfarm fails, says why in gateway.sync, and goes on when it answers again', async () => {
    const upstream = await upstreamWith({ transactions: 100 });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock, sandbox } = upstream;
    await clock.through(readHead(account, call(upstream)));
    upstream.pagesAsked();
    const heal = sandbox.control.faults.add({ kind: 'status', status: 404, path: '/wallet/transactions' });
    const backlog = startBacklog(account);
    await clock.advance(60_000);
    // At 0, 1, 3, 7, 15, 31 seconds.
    expect(upstream.pagesAsked()).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await account.snapshots.states(acme)).toMatchObject([
      { complete: false, error: expect.stringContaining('GET /wallet/transactions') },
    ]);
    heal();
    await clock.through(backlog.idle());
    expect(upstream.pagesAsked()).toEqual([2, 3, 4]);
    expect(await account.snapshots.states(acme)).toMatchObject([{ complete: true, error: null, rows: 100 }]);
    await backlog.stop();
    await storage.close();
  });

  test.each(['truncated', 'html', 'cut-body', 'redirect'] as const)(
    'a page that comes back as "%s" is read again and loses nothing',
    async (kind) => {
      const upstream = await upstreamWith({ transactions: 100 });
      const storage = await openStorage('sqlite::memory:');
      upstream.sandbox.control.faults.add({ kind, path: '/wallet/transactions', skip: 2, times: 1 });
      const backlog = startBacklog(upstream.start(storage));
      await upstream.clock.through(backlog.idle());
      expect(upstream.pagesAsked()).toEqual([1, 2, 3, 3, 4]);
      expect(await upstream.differences(storage)).toEqual(nothing);
      await backlog.stop();
      await storage.close();
    },
  );

  test('keeps to the ration, and leaves a quarter of it to those who ask', async () => {
    const upstream = await upstreamWith({ transactions: 5_000, rateLimit: 60, ration: 60 });
    const storage = await openStorage('sqlite::memory:');
    const backlog = startBacklog(upstream.start(storage));
    const started = upstream.clock.now();
    await upstream.clock.through(backlog.idle());
    expect(upstream.sandbox.control.calls()).toMatchObject({ refused: 0, total: 200 });
    expect(upstream.sandbox.control.calls().busiestMinute).toBeLessThanOrEqual(45);
    expect(upstream.clock.now() - started).toBeLessThan(6 * 60_000);
    expect(upstream.warnings).toEqual([]);
    expect(await upstream.differences(storage)).toEqual(nothing);
    await backlog.stop();
    await storage.close();
  });

  test('looks again after a while, for a hole that the head has left', async () => {
    const upstream = await upstreamWith({ transactions: 20, variants: { perPage: 10 } });
    const storage = await openStorage('sqlite::memory:');
    const account = upstream.start(storage);
    const { clock } = upstream;
    const backlog = startBacklog(account);
    await clock.through(backlog.idle());
    arrive(upstream, 80);
    await clock.advance(60_001);
    await clock.through(refresh(account));
    expect((await upstream.differences(storage)).missing.length).toBeGreaterThan(0);
    await clock.advance(10_000);
    await clock.through(backlog.idle());
    expect(await upstream.differences(storage)).toEqual(nothing);
    await backlog.stop();
    await storage.close();
  });

  test('stops while it waits, and idle() then resolves', async () => {
    const upstream = await upstreamWith({ transactions: 100 });
    const storage = await openStorage('sqlite::memory:');
    upstream.sandbox.control.faults.add({ kind: 'hang', path: '/wallet/transactions' });
    const backlog = startBacklog(upstream.start(storage));
    const idle = backlog.idle();
    await upstream.clock.advance(100);
    await backlog.stop();
    await idle;
    await storage.close();
  });
});
