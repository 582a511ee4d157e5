import { type BurstOutcome, killInBurst } from '../../test/crash/burst.ts';

/** Kills a gateway in the middle of so many bursts of webhooks, and prints what became of them. False where something is wrong. */
export async function bursts(kills: number): Promise<boolean> {
  const outcomes: BurstOutcome[] = [];
  for (let seed = 0; seed < kills; seed++) outcomes.push(await killInBurst(seed));

  console.log(`Webhooks of ${kills} bursts in which the gateway was killed:\n`);
  console.log(
    '  killed                    bursts    sent  answered 200  of the others: recorded, lost  in the log, applied, seen',
  );
  const kinds = [
    ['when so many were answered', 0],
    ['when so many were sent', 1],
  ] as const;
  for (const [name, parity] of kinds) {
    const some = outcomes.filter(({ seed }) => seed % 2 === parity);
    const sum = (of: (outcome: BurstOutcome) => number) => some.reduce((total, outcome) => total + of(outcome), 0);
    const [sent, answered, recorded] = [
      sum((each) => each.sent),
      sum((each) => each.answered),
      sum((each) => each.recorded),
    ];
    const verdict = some.every(isRight) ? 'all, once' : 'WRONG';
    console.log(
      `  ${name.padEnd(26)}${pad(some.length, 6)}${pad(sent, 8)}${pad(answered, 14)}${pad(recorded, 25)}${pad(sent - answered - recorded, 6)}  ${verdict}`,
    );
  }
  const wrong = outcomes.filter((outcome) => !isRight(outcome));
  for (const { seed, faults } of wrong) console.error(`seed ${seed}: ${faults.join('; ')}`);
  console.log(`\n${kills} kills, ${wrong.length} wrong.\n`);
  return wrong.length === 0;
}

function isRight({ faults }: BurstOutcome): boolean {
  return faults.length === 0;
}

function pad(count: number, width: number): string {
  return String(count).padStart(width);
}
