// Loaded into a server before its own program: at SIGUSR2 it says what memory it has, and what is left of it when all that nobody
// holds is given back.
let asked = 0;
process.on('SIGUSR2', () => {
  const { rss: before } = process.memoryUsage();
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss, heapUsed } = process.memoryUsage();
  process.stdout.write(`collected ${++asked}: ${rss} held, ${heapUsed} of it heap, ${before} before\n`);
});
