import { type Aim, type Figure, percent, type Ratio, rounded, share as shareOf, times } from '../figures.ts';
import type { Run } from '../run.ts';
import { billSpan, lasts, step, viewers, visitsAt } from './day.ts';
import { type Shown, spend } from './shown.ts';
import { type System, startGateway, startPeer } from './systems.ts';
import { createTruth } from './truth.ts';

/** What a day cost and what its viewers saw. */
interface Day extends Shown {
  readonly calls: number;
  readonly refused: number;
  readonly busiestMinute: number;
  readonly synced: number;
  readonly complaints: readonly string[];
  readonly realSeconds: number;
}

const aims = { callsAMinute: 60, walletAge: 60, trunkAge: 1 };
const history = 10_000;
const rowsPerCall = 25;

/** Ten minutes of fifty viewers on a ration of 60 calls a minute, of the gateway and of two plain servers. */
export async function economy({ say }: Run): Promise<Figure[]> {
  const gateway = await measure(await startGateway(), say);
  const cache = await measure(await startPeer('60 s cache', 60_000), say);
  const plain = await measure(await startPeer('plain', null), say);
  return figuresOf(gateway, cache, plain);
}

async function measure(system: System, say: (line: string) => void): Promise<Day> {
  const startedAt = performance.now();
  try {
    const shown = await live(system);
    const { total, refused, busiestMinute, routes } = system.sandbox.control.calls();
    const day = {
      ...shown,
      calls: total,
      refused,
      busiestMinute,
      synced: await system.synced(),
      complaints: system.complaints,
      realSeconds: (performance.now() - startedAt) / 1000,
    };
    say(
      `${system.name}: ${shown.answered} of ${shown.asked} answered in ${Math.round(day.realSeconds)} s of real time`,
    );
    for (const [route, count] of Object.entries(routes)) say(`    ${count} ${route}`);
    for (const [problem, count] of shown.problems) say(`    ${count} unanswered: ${problem}`);
    for (const line of system.complaints.slice(0, 3)) say(`    log: ${line.trim().slice(0, 300)}`);
    return day;
  } finally {
    await system.close();
  }
}

/** Time moves a step when everything that can happen now has happened. */
async function live(system: System): Promise<Shown> {
  const { clock, sandbox } = system;
  const truth = createTruth(sandbox, billSpan);
  const shown = spend(system, truth);
  const { trunks } = sandbox.control.world;
  for (let place = 0; place * step < lasts; place++) {
    truth.tick(clock.now());
    for (const visit of visitsAt(place, trunks.all(), shown.cursors)) shown.ask(visit);
    await clock.advance(step);
  }
  // Whoever asked last may still be waiting.
  for (let waited = 0; shown.waiting() > 0 && waited < 30_000; waited += 1_000) await clock.advance(1_000);
  return shown.seen();
}

function figuresOf(gateway: Day, cache: Day, plain: Day): Figure[] {
  const peers = { '60 s cache': cache, plain };
  const line = (
    what: string,
    ratio: (day: Day) => Ratio,
    show: (day: Day) => string,
    { limit, aim }: { readonly limit?: string; readonly aim?: Aim } = {},
  ): Figure => ({
    row: 'economy',
    what,
    ratio: ratio(gateway),
    ...(aim && { aim }),
    seen: show(gateway),
    beside: [
      ...(limit === undefined ? [] : [`limit ${limit}`]),
      ...Object.entries(peers).map(([name, day]) => `${name} ${show(day)}`),
    ].join('; '),
    data: { gateway: show(gateway), ...Object.fromEntries(Object.entries(peers).map(([n, d]) => [n, show(d)])) },
  });
  const perCall = ({ answered, calls }: Day) => answered / calls;
  const perViewersCall = ({ answered, calls, synced }: Day) => answered / (calls - synced / rowsPerCall);
  const share = ({ answered, asked }: Day) => answered / asked;
  const seconds = (milliseconds: number) => `${rounded(milliseconds / 1000)} s`;
  const ofLimit = (value: number, limit: number) => shareOf(value / limit);
  return [
    line(
      `answered requests per upstream call (${viewers} viewers, 10 min)`,
      (day) => times(perCall(day) / perCall(cache)),
      (day) => rounded(perCall(day)),
    ),
    line(
      'the same, the calls of the sync left out',
      (day) => times(perViewersCall(day) / perViewersCall(cache)),
      (day) => rounded(perViewersCall(day)),
    ),
    line(
      'answered without errors',
      (day) => shareOf(share(day)),
      (day) => percent(share(day)),
      { aim: { least: 1 } },
    ),
    line(
      'most upstream calls in any minute',
      (day) => ofLimit(day.busiestMinute, aims.callsAMinute),
      (day) => `${day.busiestMinute}`,
      { limit: '60', aim: { most: 1 } },
    ),
    line(
      'refused with 429',
      (day) => shareOf(day.refused / day.calls),
      (day) => `${day.refused}`,
      { aim: { most: 0 } },
    ),
    line(
      'oldest wallet shown',
      (day) => ofLimit(day.walletAge / 1000, aims.walletAge),
      (day) => seconds(day.walletAge),
      { limit: '60 s', aim: { most: 1 } },
    ),
    line(
      'oldest trunk status shown',
      (day) => times(day.trunkAge / 1000 / aims.trunkAge),
      (day) => seconds(day.trunkAge),
      { limit: '1 s', aim: { most: 1 } },
    ),
    line(
      'bills with the right total',
      (day) => shareOf(day.rightBills / day.bills),
      (day) => `${day.rightBills} of ${day.bills}`,
    ),
    line(
      'answered later than after 1 s',
      (day) => shareOf(day.late / day.answered),
      (day) => `${day.late}`,
      { aim: { most: 0 } },
    ),
    line(
      'longest wait for an answer',
      (day) => times(day.longestWait / 150),
      (day) => seconds(day.longestWait),
      { limit: 'one call, 0.15 s' },
    ),
    line(
      'backlog synced beside it',
      (day) => shareOf(day.synced / history),
      (day) => `${day.synced} rows`,
      { limit: `${history} rows` },
    ),
  ];
}
