import { runProgram } from './program.ts';

/** What the checker of imports read in a folder, and the arrows that it refuses. */
export interface ImportReport {
  readonly modules: number;
  readonly violations: readonly string[];
}

/** Reads every import below a folder and holds it against `.dependency-cruiser.cjs`. */
export async function readImports(folder: string): Promise<ImportReport> {
  const args = [folder, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, output } = await runProgram('depcruise', args);
  if (!stdout.startsWith('{')) throw new Error(`Imports could not be read:\n${output}`);
  const { summary } = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
  };
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ from, to, rule }) => `${from} → ${to}: ${rule.name}`),
  };
}

/**
 * Imports run one way. The checker must also find the arrow planted below `test/planted`: it has been seen to read no module at all
 * and to report that all is well.
 */
export async function checkImportDirection(): Promise<string> {
  const [product, planted] = [await readImports('src'), await readImports('test/planted')];
  if (product.modules === 0) throw new Error('The checker read no module of src.');
  if (planted.violations.length !== 1) {
    throw new Error(`The planted violation was not found, or others with it:\n${planted.violations.join('\n')}`);
  }
  if (product.violations.length > 0) throw new Error(product.violations.join('\n'));
  return `${product.modules} modules, and the planted violation found`;
}
