import { watchHolds } from './holds.js';

// Loaded into a server before its own program, which knows nothing of it: at SIGUSR2 it says for how long the event loop was held since
// it was last asked, by what, and what memory there is; with --expose-gc also what is left of it when all that nobody holds is given
// back. In JavaScript, as the servers are: what takes types away would need 17 MiB of their memory.
const holds = watchHolds();
let asked = 0;
process.on('SIGUSR2', async () => {
  const seen = await holds.seen();
  const { rss: before } = process.memoryUsage();
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss: held, heapUsed: heap } = process.memoryUsage();
  process.stdout.write(`watched ${++asked}: ${JSON.stringify({ ...seen, before, held, heap })}\n`);
  // What this took is not the server's.
  await holds.forget();
});
