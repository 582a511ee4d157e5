import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

// What `ws` itself can do: sends the body of a request to every socket, behind the id that this one has said. As a program of its own,
// as the gateway beside it.
const heads = new Map<WebSocket, string>();
const server = createServer(async (request, response) => {
  const payload = Buffer.concat(await request.toArray()).toString();
  for (const [socket, head] of heads) socket.send(head + payload);
  response.writeHead(200).end();
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) =>
  socket.once('message', (data) => {
    const { id } = JSON.parse(String(data)) as { id: string };
    heads.set(socket, `{"id":${JSON.stringify(id)},"type":"next",`);
    socket.send('{"type":"ready"}');
  }),
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('SIGTERM', () => process.exit(0));
