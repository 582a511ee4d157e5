import type { ServerResponse } from 'node:http';

/** Why a request is not taken because of the host that it names. */
export type HostRefusal = '400 Bad Request' | '421 Misdirected Request';

/**
 * Takes requests to this machine by a loopback name and to the public address's host, on any port. A web page can point a name of
 * its own at this machine; only the name then tells that its requests are meant for somebody else.
 */
export function createHostCheck(publicUrl: string): (host: string | undefined) => HostRefusal | null {
  const ours = new URL(publicUrl).hostname;
  // Nearly all requests name the same one.
  let taken: string | null = null;
  return (host) => {
    if (host !== undefined && host === taken) return null;
    const name = hostnameOf(host);
    if (name === null) return '400 Bad Request';
    if (name !== ours && !isLoopback(name)) return '421 Misdirected Request';
    taken = host ?? null;
    return null;
  };
}

/** The body is not read, so the connection cannot serve another request. */
export function refuse(
  response: ServerResponse,
  refusal: HostRefusal,
  headers: Readonly<Record<string, string>>,
): void {
  const own = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
  response.writeHead(Number.parseInt(refusal, 10), { ...headers, ...own }).end(`${refusal.slice(4)}\n`);
}

/** The name in a Host header, as URLs write it; null where it is no host with or without a port. */
function hostnameOf(host: string | undefined): string | null {
  if (host === undefined || /[\s/?#@\\]/.test(host)) return null;
  return URL.parse(`http://${host}`)?.hostname ?? null;
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
