import { type Figure, median, percent, rounded, share, spreadOf, times } from './figures.ts';
import { figuresOfRest } from './gateway.ts';
import { atHalf, latencyFigures } from './latency.ts';
import { byZipf, different, sameAgain } from './questions.ts';
import type { Run } from './run.ts';
import { onSite, type Site } from './site.ts';
import {
  best,
  type Contender,
  peersOf,
  processorFigure,
  ratesOf,
  roundsOf,
  spelt,
  type Top,
  topRates,
  warmUpStretches,
} from './turns.ts';
import { trunkChange } from './webhook.ts';

const aims = { ofBare: 0.75, ofPeer: 2 };
const writesASecond = 10;
/** Seconds, in which everything that a dashboard shows is refreshed at least once: the wallet every 20 s, trunks more often. */
const betweenRefreshes = 25;

/** Dashboards that were asked before, of the gateway, of a server that only returns bytes, and of what others would build it with. */
export function answers(run: Run): Promise<Figure[]> {
  return onSite(run.say, async (site) => {
    const { gateway } = site;
    await gateway.watched();
    const same = await topRates(contenders(site, 'same'), run);
    const zipf = await topRates(throughRefreshes(contenders(site, 'zipf')), run, warmUpStretches.again);
    const written = await whileWriting(site, () => topRates(ofGateway(site), run, warmUpStretches.again));
    const latencies = await latencyFigures('answers', atHalf(contenders(site, 'same'), same), run);
    return [
      ...topFigures('one query again and again', same, aims),
      ...processorFigure('answers', 'one query again and again', same),
      ...topFigures(`${rounded(different)} queries by Zipf's law`, zipf, aims),
      ...processorFigure('answers', `${rounded(different)} queries by Zipf's law`, zipf),
      ...slowestSecond(`${rounded(different)} queries by Zipf's law`, zipf),
      ...topFigures(`one query, ${writesASecond} writes a second`, pick(written, 'same')),
      ...topFigures(`${rounded(different)} queries, ${writesASecond} writes a second`, pick(written, 'zipf')),
      ...latencies,
      ...(await figuresOfRest('answers', gateway)),
    ];
  });
}

function contenders({ gateway, bare, peers, sandbox }: Site, kind: 'same' | 'zipf'): Contender[] {
  const questions = kind === 'same' ? sameAgain : byZipf;
  const all = new Map([['bare', bare], ['gateway', gateway], ...peers]);
  return [...all].map(([name, child]) => ({ name, child, questions: questions(child, sandbox) }));
}

/** What the gateway keeps is now and then no longer so, as the peers' answers never are: seconds with and without that. */
function throughRefreshes(contenders: readonly Contender[]): Contender[] {
  return contenders.map((each) => (each.name === 'gateway' ? { ...each, lasting: betweenRefreshes } : each));
}

/** Writes reach the gateway alone: no peer is told of any. */
function ofGateway({ gateway, bare, sandbox }: Site): Contender[] {
  return [
    { name: 'bare', child: bare, questions: sameAgain(bare, sandbox) },
    { name: 'same', child: gateway, questions: sameAgain(gateway, sandbox) },
    { name: 'zipf', child: gateway, questions: byZipf(gateway, sandbox) },
  ];
}

function pick(tops: ReadonlyMap<string, Top>, name: string): Map<string, Top> {
  const [bare, gateway] = [tops.get('bare'), tops.get(name)];
  if (!bare || !gateway) return new Map();
  return new Map(Object.entries({ bare, gateway }));
}

/** Each write is a signed webhook about a trunk that every dashboard shows. */
async function whileWriting<T>({ sandbox, gateway }: Site, work: () => Promise<T>): Promise<T> {
  const [trunk] = sandbox.control.world.trunks.all();
  if (trunk === undefined) throw new Error('The sandbox has no trunks');
  const failed = Promise.withResolvers<never>();
  const write = async () => {
    const webhook = trunkChange(sandbox, trunk, new Date().toISOString());
    const answer = await fetch(`${gateway.url}/webhooks/didfarm`, { method: 'POST', ...webhook });
    if (!answer.ok) throw new Error(`A webhook was answered ${answer.status}`);
    await answer.arrayBuffer();
  };
  const timer = setInterval(() => write().catch(failed.reject), 1000 / writesASecond);
  try {
    return await Promise.race([work(), failed.promise]);
  } finally {
    clearInterval(timer);
  }
}

/** What a refresh costs those who ask meanwhile. */
function slowestSecond(what: string, tops: Map<string, Top>): Figure[] {
  const seconds = tops.get('gateway')?.bySecond ?? [];
  const [least, typical] = [Math.min(...seconds), median(seconds)];
  return [
    {
      row: 'answers',
      what: `${what}: the slowest second`,
      ratio: share(least / typical),
      seen: `${rounded(least)}/s`,
      beside: `the typical one of ${seconds.length} ${rounded(typical)}/s`,
      data: { bySecond: seconds },
    },
  ];
}

function topFigures(what: string, tops: Map<string, Top>, aim?: typeof aims): Figure[] {
  const [bare, gateway] = [tops.get('bare'), tops.get('gateway')];
  if (!bare || !gateway) return [];
  const { rate } = gateway;
  const peers = peersOf(tops);
  const [name, peer] = best(peers) ?? [];
  const figure = { row: 'answers', seen: `${rounded(rate.median)}/s` };
  const ofBare = {
    ...figure,
    what,
    ratio: share(rate.median / bare.rate.median),
    ...(aim && { aim: { least: aim.ofBare }, rates: ratesOf(tops) }),
    beside: `bare node:http, same bytes ${rounded(bare.rate.median)}/s`,
    spread: spreadOf(rate, bare.rate),
    data: { gateway: rate, bare: bare.rate },
  };
  if (peer === undefined) return [ofBare];
  const ofPeer = {
    ...figure,
    what: `${what}, beside the best peer`,
    ratio: times(rate.median / peer.rate.median),
    ...(aim && { aim: { least: aim.ofPeer } }),
    beside: `${spelt(peers)}: ${name} ${percent(peer.rate.median / bare.rate.median)} of bare`,
    spread: spreadOf(rate, peer.rate),
    data: { gateway: rate, ...roundsOf(peers) },
  };
  return [ofBare, ofPeer];
}
