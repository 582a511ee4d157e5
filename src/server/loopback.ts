import type { IncomingMessage } from 'node:http';

/** What proxies say of whom they speak for. */
const spokenFor = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether a proxy passed a request on: who asks is then somewhere else, wherever the connection comes from. */
export function isPassedOn(has: (header: string) => boolean): boolean {
  return spokenFor.some(has);
}

/** Whether somebody at this machine asks: over its loopback, and through no proxy, which would speak for others. */
export function comesFromThisMachine({
  socket,
  headers,
}: {
  readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
  readonly headers: IncomingMessage['headers'];
}): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const isLoopback = address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
  return isLoopback && !isPassedOn((name) => headers[name] !== undefined);
}
