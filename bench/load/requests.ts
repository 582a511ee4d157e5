/** A POST of a GraphQL operation as it goes over the wire: made once, sent as often as wanted. */
export function requestBytes(url: string, query: string, variables: object = {}): Buffer {
  const { host } = new URL(url);
  const body = JSON.stringify({ query, variables });
  return Buffer.from(
    [
      'POST /graphql HTTP/1.1',
      `host: ${host}`,
      'content-type: application/json',
      'accept: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
