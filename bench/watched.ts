import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into a server before its own program, which knows nothing of it: at SIGUSR2 it says how long the event loop was held at most
// since it was last asked, and what memory it has; with --expose-gc also what is left of it when all that nobody holds is given back.
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
let asked = 0;
process.on('SIGUSR2', () => {
  // The first tick after a hold is late by it; without one they are a millisecond apart.
  const hold = Math.max(0, loop.max / 1e6 - 1);
  const { rss: before } = process.memoryUsage();
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss: held, heapUsed: heap } = process.memoryUsage();
  process.stdout.write(`watched ${++asked}: ${JSON.stringify({ hold, before, held, heap })}\n`);
  // What this took is not the server's: the next tick is late by it.
  setTimeout(() => loop.reset(), 10);
});
