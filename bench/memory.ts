import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.ts';
import { ask, dataOf, startBareServer } from './children.ts';
import { dashboard } from './documents.ts';
import { type Figure, rounded } from './figures.ts';
import { inFolder } from './folder.ts';
import { leftAlone, memoryFigure, startGateway } from './gateway.ts';
import { image, type Program, sources } from './programs.ts';
import type { Run } from './run.ts';
import { account, whenLocal } from './site.ts';

/** DIDfarm is asked for nothing more when it was not asked for so long, in milliseconds. */
const quiet = 1_000;

/** Gateways that have everything local and are left alone; what they hold after their load, other rows tell. */
export async function memory(_run: Run): Promise<Figure[]> {
  const bare = await startBareServer();
  const beside = `bare node:http ${rounded(bare.residentMemory() / 1024 / 1024)} MiB`;
  await bare.stop();
  const figures = [
    ...(await resident('the image', await image())),
    ...(await resident('the sources', await sources())),
  ];
  return figures.map((figure) => ({ ...figure, beside: `${figure.beside}; ${beside}` }));
}

function resident(name: string, program: Program): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const sandbox = createSandbox(account);
    await sandbox.listen();
    const gateway = await startGateway({ folder, sandbox, program, watched: false });
    try {
      await whenQuiet(sandbox);
      await leftAlone();
      const neverAsked = gateway.residentMemory();
      await dataOf(await ask(gateway.url, dashboard));
      await leftAlone();
      const asked = gateway.residentMemory();
      await whenLocal(gateway);
      return [
        memoryFigure(`resident after the first sync, never asked, ${name}`, neverAsked),
        memoryFigure(`resident after its first query, ${name}`, asked),
      ];
    } finally {
      await gateway.stop();
      await sandbox.close();
    }
  });
}

/** The first sync is told from outside: a gateway that was never asked is to be looked at. */
async function whenQuiet({ control }: Sandbox): Promise<void> {
  for (let before = 0; ; ) {
    const { total } = control.calls();
    if (total > 0 && total === before) return;
    before = total;
    await new Promise((resolve) => setTimeout(resolve, quiet));
  }
}
