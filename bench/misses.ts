import { type Figure, percent, rounded, share, spreadOf, times } from './figures.ts';
import { figuresOfRest } from './gateway.ts';
import { atHalf, latencyFigures } from './latency.ts';
import { neverAgain, sameAgain } from './questions.ts';
import type { Run } from './run.ts';
import { onSite, type Site } from './site.ts';
import { best, type Contender, ratesOf, type Top, topRates } from './turns.ts';

/** Of the best peer's rate when it finds every answer in its cache. */
const aim = 0.5;
const cached = ', cached';

/** Dashboards that nobody asked before, out of what is local: each is executed. */
export function misses(run: Run): Promise<Figure[]> {
  return onSite(run.say, async (site) => {
    await site.gateway.watched();
    const asked = contenders(site);
    const tops = await topRates(asked, run);
    const latencies = await latencyFigures(
      'misses',
      atHalf(
        asked,
        within(tops, (name) => !name.endsWith(cached)),
      ),
      run,
    );
    return [...figuresOf(tops), ...latencies, ...(await figuresOfRest('misses', site.gateway))];
  });
}

function contenders({ gateway, bare, peers, sandbox }: Site): Contender[] {
  return [
    { name: 'gateway', child: gateway, target: neverAgain(gateway, sandbox) },
    { name: 'bare', child: bare, target: neverAgain(bare, sandbox) },
    ...[...peers].flatMap(([name, child]) => [
      { name, child, target: neverAgain(child, sandbox) },
      { name: `${name}${cached}`, child, target: sameAgain(child) },
    ]),
  ];
}

function within(tops: ReadonlyMap<string, Top>, isWanted: (name: string) => boolean): Map<string, Top> {
  return new Map([...tops].filter(([name]) => isWanted(name)));
}

function figuresOf(tops: ReadonlyMap<string, Top>): Figure[] {
  const gateway = tops.get('gateway');
  const bare = tops.get('bare');
  if (!gateway || !bare) return [];
  const { rate, processor } = gateway;
  const row = 'misses';
  const seen = `${rounded(rate.median)}/s`;
  const inCache = within(tops, (name) => name.endsWith(cached));
  const executing = within(tops, (name) => !name.endsWith(cached) && name !== 'gateway' && name !== 'bare');
  const [name, fastest] = best(inCache) ?? [];
  const [other, executor] = best(executing) ?? [];
  return [
    ...(fastest
      ? [
          {
            row,
            what: 'every query different, beside the best peer that has them cached',
            ratio: share(rate.median / fastest.rate.median),
            aim: { least: aim },
            seen,
            beside: `${name} ${rounded(fastest.rate.median)}/s`,
            spread: spreadOf(rate, fastest.rate),
            data: { gateway: rate, peer: fastest.rate },
          },
        ]
      : []),
    ...(executor
      ? [
          {
            row,
            what: 'every query different, beside the best peer that executes them too',
            ratio: times(rate.median / executor.rate.median),
            seen,
            beside: `${ratesOf(executing)}: ${other} ${percent(executor.rate.median / bare.rate.median)} of bare`,
            spread: spreadOf(rate, executor.rate),
            data: {
              gateway: rate,
              ...Object.fromEntries([...executing].map(([each, top]) => [each, top.rate])),
            },
          },
        ]
      : []),
    {
      row,
      what: 'every query different',
      ratio: share(rate.median / bare.rate.median),
      seen,
      beside: `bare node:http, same bytes ${rounded(bare.rate.median)}/s`,
      spread: spreadOf(rate, bare.rate),
      data: { gateway: rate, bare: bare.rate },
    },
    {
      row,
      what: 'every query different: processor time an answer',
      ratio: share(bare.processor.median / processor.median),
      seen: `${rounded(processor.median * 1000)} µs`,
      beside: `bare node:http ${rounded(bare.processor.median * 1000)} µs`,
      spread: spreadOf(processor, bare.processor),
      data: { gateway: processor, bare: bare.processor },
    },
  ];
}
