// Loaded into a server before its own program: at SIGUSR2 it collects its garbage and says what memory is left.
let collected = 0;
process.on('SIGUSR2', () => {
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`collected ${++collected}: ${rss} resident, ${heapUsed} heap, ${external} external\n`);
});
