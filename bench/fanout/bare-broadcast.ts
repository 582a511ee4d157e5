import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

// What `ws` itself can do: sends the body of a request to every socket. As a program of its own, as the gateway beside it.
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  for (const socket of sockets.clients) socket.send(body, { binary: false });
  response.writeHead(200).end();
});
const sockets = new WebSocketServer({ server });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('SIGTERM', () => process.exit(0));
