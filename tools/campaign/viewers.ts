import { type Asked, askAtRandom } from '../../test/access/support/random-asking.ts';
import { startTwoWorlds } from '../../test/access/support/two-worlds.ts';
import { newDatabase, startPostgres } from '../../test/support/postgres.ts';

/** Operations over one gateway: then another is begun, with other dice; every second one on PostgreSQL. */
const each = 2_500;

/** Has random viewers of two accounts ask so many operations, and prints what they were told. False where it was somebody else's. */
export async function viewers(operations: number): Promise<boolean> {
  const asked: Asked[] = [];
  const postgres = await startPostgres();
  for (let seed = 1; asked.length * each < operations; seed++) {
    await using two = await startTwoWorlds(seed % 2 === 0 ? await newDatabase(postgres.url) : 'sqlite::memory:');
    const outcome = await askAtRandom(two, seed, Math.min(each, operations - asked.length * each));
    for (const fault of outcome.faults) console.error(`seed ${seed}: ${fault}`);
    asked.push(outcome);
  }
  await postgres.stop();
  const sum = (of: (outcome: Asked) => number) => asked.reduce((total, outcome) => total + of(outcome), 0);
  const told = Map.groupBy(
    asked.flatMap((outcome) => [...outcome.told]),
    ([name]) => name,
  );
  console.log(
    `Of ${sum((outcome) => outcome.operations)} operations by 12 viewers of two accounts, ${sum((outcome) => outcome.answers)} answers:\n`,
  );
  for (const [name, counts] of [...told].sort())
    console.log(`  ${name.padEnd(32)} ${counts.reduce((total, [, count]) => total + count, 0)} told of its own client`);
  const faults = sum((outcome) => outcome.faults.length);
  console.log(`\n${faults} told of what is not the viewer's.\n`);
  return faults === 0;
}
