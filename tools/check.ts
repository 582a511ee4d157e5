import { checkGeneratedFiles } from './checks/generated-files.ts';
import { checkImportDirection } from './checks/import-direction.ts';
import { runProgram } from './checks/program.ts';

/** One thing that `npm test` asks for: returns a remark, or throws with what is wrong. */
interface Check {
  readonly name: string;
  readonly run: () => Promise<string>;
}

const checks: readonly Check[] = [
  { name: 'types', run: () => pass('tsc', ['--noEmit']) },
  { name: 'format and lint', run: () => pass('biome', ['ci', '--colors=off', '.']) },
  { name: 'import direction', run: checkImportDirection },
  { name: 'dead code and unused dependencies', run: () => pass('knip', ['--no-progress', '--no-config-hints']) },
  { name: 'generated files', run: checkGeneratedFiles },
];

const failures: string[] = [];
// Two at a time: none of them waits for much but the processor.
const queue = [...checks];
await Promise.all([workOff(queue), workOff(queue)]);

const tests = await runProgram('vitest', ['run', ...process.argv.slice(2)], { live: true });
if (tests.code !== 0) failures.push('tests');

if (failures.length > 0) console.error(`\nFailed: ${failures.join(', ')}.`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function workOff(waiting: Check[]): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const startedAt = performance.now();
    const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    try {
      const remark = await check.run();
      console.log(`ok      ${check.name} (${[remark, seconds()].filter(Boolean).join(', ')})`);
    } catch (error) {
      failures.push(check.name);
      console.error(`FAILED  ${check.name} (${seconds()})\n${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function pass(program: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runProgram(program, args);
  if (code !== 0) throw new Error(output);
  return '';
}
