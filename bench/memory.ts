import { createSandbox } from '../src/sandbox/sandbox.ts';
import { startChild } from './children.ts';
import type { Figure } from './figures.ts';
import { rounded } from './figures.ts';
import { inFolder } from './folder.ts';
import { figuresOfRest, startGateway } from './gateway.ts';
import type { Run } from './run.ts';
import { account, whenLocal } from './site.ts';

/** A gateway that has everything local and is left alone; what others hold after their load, their own rows tell. */
export function memory(_run: Run): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const sandbox = createSandbox(account);
    await sandbox.listen();
    const gateway = await startGateway({ folder, sandbox });
    const bare = await startChild(['bench/bare-server.ts'], { address: /(http:\S+)\n/ });
    try {
      await whenLocal(gateway);
      const besides = `bare node:http ${rounded(bare.residentMemory() / 1024 / 1024)} MiB`;
      const figures = await figuresOfRest('the first sync', gateway);
      return figures
        .filter(({ row }) => row === 'memory')
        .map((figure) => ({ ...figure, beside: `${figure.beside}; ${besides}` }));
    } finally {
      await bare.stop();
      await gateway.stop();
      await sandbox.close();
    }
  });
}
