import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Answer, Delivering, Opening, Order } from './listening.ts';

// Holds the sockets of one server, as a program of its own: a server under load should not share a process with its load. Messages
// are looked for a mark and not parsed, so that the clock tells about the server rather than about here.
const atOnce = 100;
/** How long one message may take to all of them, in milliseconds. */
const patience = 90_000;
const sockets: WebSocket[] = [];
let delivered: (message: Buffer) => void = () => undefined;
let lost: Error | null = null;

process.on('message', async (order: Order) => {
  const answer = await (order.kind === 'open' ? open(order) : deliver(order)).catch((error: Error) => error);
  const told: Answer = answer instanceof Error ? { failure: answer.message } : answer;
  process.send?.(told);
});
process.on('disconnect', () => process.exit(0));

async function open({ url, first, messages, count }: Opening): Promise<Answer> {
  for (let left = count; left > 0; left -= atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, left) }, () => openOne(url, first, messages)));
  }
  return { milliseconds: 0, message: '' };
}

/** A socket that has received as many messages as the server has for a beginner; its own go out one with each of those. */
function openOne(url: string, first: readonly string[], messages: number): Promise<void> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    let left = messages;
    const waiting = [...first];
    const sendNext = () => {
      const message = waiting.shift();
      // Each its own, as clients do.
      if (message !== undefined) socket.send(message.replace('"id":""', `"id":"${randomUUID()}"`));
    };
    socket.once('error', reject);
    socket.once('close', (code) => {
      lost = new Error(`A socket was closed with ${code}`);
      reject(lost);
    });
    socket.once('open', () => {
      sendNext();
      if (left === 0) resolve();
    });
    socket.on('message', (data: Buffer) => {
      if (left > 0 && data.includes('"message":')) reject(new Error(`A subscription is refused: ${data}`));
      sendNext();
      delivered(data);
      left--;
      if (left === 0) resolve();
    });
  });
}

async function deliver({ url, headers, body, mark }: Delivering): Promise<Answer> {
  const last = Promise.withResolvers<Buffer>();
  let left = sockets.length;
  delivered = (message) => {
    if (!message.includes(mark)) return;
    left--;
    if (left === 0) last.resolve(message);
  };
  const startedAt = performance.now();
  const answered = fetch(url, { method: 'POST', headers, body });
  const impatient = setTimeout(() => {
    last.reject(new Error(`${left} of ${sockets.length} sockets still wait: ${lost?.message ?? 'none was closed'}`));
  }, patience);
  const message = await last.promise.finally(() => clearTimeout(impatient));
  const milliseconds = performance.now() - startedAt;
  const response = await answered;
  if (!response.ok) throw new Error(`Answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
  return { milliseconds, message: message.toString() };
}
