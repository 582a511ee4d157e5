import { type Figure, percent, rounded, share, spreadOf, times } from './figures.ts';
import { figuresOfRest } from './gateway.ts';
import { atHalf, latencyFigures } from './latency.ts';
import { neverAgain, nothingInCommon, sameAgain } from './questions.ts';
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

/** Of the best peer's rate when it finds every answer in its cache. */
const aim = 0.5;

const kinds = {
  'one root field of three differs': neverAgain,
  'every root field differs': nothingInCommon,
};
const cached = ', cached';

/** Dashboards that nobody asked before, out of what is local: what was not asked before is executed. */
export function misses(run: Run): Promise<Figure[]> {
  return onSite(run.say, async (site) => {
    await site.gateway.watched();
    const found = await topRates(fromCache(site), run);
    const figures: Figure[] = [];
    for (const [what, questions] of Object.entries(kinds)) {
      const asked = executing(site, questions);
      run.say(what);
      const stretches = figures.length === 0 ? warmUpStretches.anew : warmUpStretches.again;
      const executed = await topRates(asked, run, stretches);
      figures.push(...figuresOf(what, executed, found), ...processorFigure('misses', what, executed));
      if (questions === nothingInCommon)
        figures.push(...(await latencyFigures('misses', atHalf(asked, executed), run)));
    }
    return [...figures, ...(await figuresOfRest('misses', site.gateway))];
  });
}

function executing({ gateway, bare, peers, sandbox }: Site, questions: typeof neverAgain): Contender[] {
  const all = new Map([['bare', bare], ['gateway', gateway], ...peers]);
  return [...all].map(([name, child]) => ({ name, child, questions: questions(child, sandbox) }));
}

function fromCache({ peers, sandbox }: Site): Contender[] {
  return [...peers].map(([name, child]) => ({
    name: `${name}${cached}`,
    child,
    questions: sameAgain(child, sandbox),
  }));
}

function figuresOf(what: string, executed: Map<string, Top>, found: Map<string, Top>): Figure[] {
  const [gateway, bare] = [executed.get('gateway'), executed.get('bare')];
  if (!gateway || !bare) return [];
  const { rate } = gateway;
  const peers = peersOf(executed);
  const beside = (top: Top) => ({ row: 'misses', seen: `${rounded(rate.median)}/s`, spread: spreadOf(rate, top.rate) });
  const figures: Figure[] = [
    {
      ...beside(bare),
      what,
      ratio: share(rate.median / bare.rate.median),
      beside: `bare node:http, same bytes ${rounded(bare.rate.median)}/s`,
      rates: ratesOf(executed),
      data: { gateway: rate, bare: bare.rate },
    },
  ];
  const [name, fastest] = best(found) ?? [];
  if (fastest)
    figures.push({
      ...beside(fastest),
      what: `${what}, beside the best peer's cached`,
      ratio: share(rate.median / fastest.rate.median),
      aim: { least: aim },
      beside: `${name} ${rounded(fastest.rate.median)}/s`,
      data: { gateway: rate, ...roundsOf(found) },
    });
  const [other, executor] = best(peers) ?? [];
  if (executor)
    figures.push({
      ...beside(executor),
      what: `${what}, beside the best peer's too`,
      ratio: times(rate.median / executor.rate.median),
      beside: `${spelt(peers)}: ${other} ${percent(executor.rate.median / bare.rate.median)} of bare`,
      data: { gateway: rate, ...roundsOf(peers) },
    });
  return figures;
}
