import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A way to a PostgreSQL that can break. */
export interface PostgresProxy extends AsyncDisposable {
  readonly url: string;
  /** The next COMMIT arrives, and its answer does not. */
  loseNextCommit(): void;
}

export async function startPostgresProxy(target: string): Promise<PostgresProxy> {
  const address = new URL(target);
  let losing = false;
  const server = createServer((client) => {
    const upstream = connect(Number(address.port), address.hostname);
    let lost = false;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.on('data', (bytes) => {
      if (losing && bytes.includes('commit\0')) {
        losing = false;
        lost = true;
      }
      upstream.write(bytes);
    });
    // Answered means committed.
    upstream.on('data', (bytes) => (lost ? client.destroy() : client.write(bytes)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const own = server.address();
  const url = new URL(target);
  url.port = String(typeof own === 'object' ? own?.port : 0);
  return {
    url: url.href,
    loseNextCommit: () => {
      losing = true;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
