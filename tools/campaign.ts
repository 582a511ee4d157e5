import { bursts } from './campaign/bursts.ts';
import { mutations } from './campaign/mutations.ts';

// Kills gateways: `npm run campaign -- [mutations] [webhooks] [SEEDS]`. Both where none is named. Of mutations SEEDS (default 10) at
// each point of each, of webhooks ten times as many bursts.
const campaigns: Readonly<Record<string, (seeds: number) => Promise<boolean>>> = {
  mutations,
  webhooks: (seeds) => bursts(10 * seeds),
};
const args = process.argv.slice(2);
const named = args.filter((arg) => Object.hasOwn(campaigns, arg));
const [seeds = 10, ...rest] = args.filter((arg) => !named.includes(arg)).map(Number);
if (!Number.isInteger(seeds) || seeds < 1 || rest.length > 0)
  throw new RangeError('npm run campaign -- [mutations] [webhooks] [SEEDS], a whole number from 1.');

for (const [name, run] of Object.entries(campaigns)) {
  if (named.length > 0 && !named.includes(name)) continue;
  if (!(await run(seeds))) process.exitCode = 1;
}
