import { subscribe } from 'node:diagnostics_channel';
import { createApp } from '../../src/app.ts';
import { createLogger } from '../../src/server/log.ts';
import type { Errand } from './errand.ts';

// A gateway that is sent one mutation and dies at one point of it, as if its machine had lost power.
const errand = JSON.parse(process.argv[2] ?? '') as Errand;
const die = () => process.kill(process.pid, 'SIGKILL');

interface Published {
  readonly request: { readonly method: string; readonly path: string };
}

/** undici tells what it does with each request, before anybody who waits for it hears of it. */
const dieOn = (moment: 'create' | 'error' | 'trailers') =>
  subscribe(`undici:request:${moment}`, (message) => {
    const { request } = message as Published;
    if (request.method === 'POST' && request.path.endsWith(errand.path)) die();
  });
if (errand.point === 'before it is sent') dieOn('create');
if (errand.point === 'sent, cut before the work' || errand.point === 'sent, cut after the work') dieOn('error');
if (errand.point === 'answered, not recorded') dieOn('trailers');

const app = await createApp(errand.config, {
  log: createLogger({ level: 'silent', destination: { write: () => undefined } }),
});
await app.importNumbers(errand.numbersCsv, 'csv');
app.start();
await app.fetch(
  new Request('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(errand.body),
  }),
);
// The answer is made and recorded, and nobody has it yet.
die();
