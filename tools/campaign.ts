import { bursts } from './campaign/bursts.ts';
import { mutations } from './campaign/mutations.ts';
import { viewers } from './campaign/viewers.ts';

// `npm run campaign -- [mutations] [webhooks] [access] [SEEDS]`; all where none is named. Kills gateways, of mutations SEEDS (default
// 10) times at each point of each, of webhooks in ten times as many bursts; and has viewers ask SEEDS times 10,000 operations.
const campaigns: Readonly<Record<string, (seeds: number) => Promise<boolean>>> = {
  mutations,
  webhooks: (seeds) => bursts(10 * seeds),
  access: (seeds) => viewers(10_000 * seeds),
};
const args = process.argv.slice(2);
const named = args.filter((arg) => Object.hasOwn(campaigns, arg));
const [seeds = 10, ...rest] = args.filter((arg) => !named.includes(arg)).map(Number);
if (!Number.isInteger(seeds) || seeds < 1 || rest.length > 0)
  throw new RangeError('npm run campaign -- [mutations] [webhooks] [access] [SEEDS], a whole number from 1.');

for (const [name, run] of Object.entries(campaigns)) {
  if (named.length > 0 && !named.includes(name)) continue;
  if (!(await run(seeds))) process.exitCode = 1;
}
