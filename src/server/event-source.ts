/** Of a browser's EventSource, which can only get, takes nothing else, and comes back by itself; other clients post. */
export function isOfEventSource({ method, headers }: Request): boolean {
  return method === 'GET' && headers.get('accept') === 'text/event-stream';
}
