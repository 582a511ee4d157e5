import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

// What Node itself can do: takes the request's body and returns the bytes of a file. As a program of its own, so that it has as
// much of the machine as the gateway beside it.
const [file] = process.argv.slice(2);
const body = file === undefined ? Buffer.from('{"data":{}}') : readFileSync(file);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('SIGTERM', () => process.exit(0));
