import { crash, type Outcome } from '../../test/crash/campaign.ts';
import { deeds } from '../../test/crash/deeds.ts';
import { points } from '../../test/crash/errand.ts';

/** Kills a gateway at each point of each mutation over so many seeds, and prints what became of them. False where something is wrong. */
export async function mutations(seeds: number): Promise<boolean> {
  const waiting = deeds.flatMap((deed) =>
    points.flatMap((point) => Array.from({ length: seeds }, (_, seed) => ({ deed, point, seed }))),
  );
  const outcomes: Outcome[] = [];
  const workOff = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      outcomes.push(await crash(next.deed, next.point, next.seed));
  };
  // Two at a time: each of them is two processes that mostly start.
  await Promise.all([workOff(), workOff()]);

  console.log(`What the operation says after the restart and a repeat of its key, of ${seeds} crashes each:\n`);
  for (const deed of deeds) {
    console.log(`${deed.field}, killed at POST ${deed.path}`);
    for (const point of points) {
      const some = outcomes.filter((outcome) => outcome.deed === deed && outcome.point === point);
      const statuses = Object.entries(Object.groupBy(some, ({ status }) => status));
      const told = statuses.map(([status, each]) => `${each?.length} ${status}`).join(', ');
      console.log(`  ${point.padEnd(26)} ${told.padEnd(40)} ${some.every(isRight) ? 'true, once' : 'WRONG'}`);
    }
  }
  const wrong = outcomes.filter((outcome) => !isRight(outcome));
  for (const { deed, point, seed, faults } of wrong)
    console.error(`${deed.field} at ${deed.path}, ${point}, seed ${seed}: ${faults.join('; ')}`);
  console.log(`\n${outcomes.length} crashes, ${wrong.length} wrong.\n`);
  return wrong.length === 0;
}

function isRight({ faults }: Outcome): boolean {
  return faults.length === 0;
}
