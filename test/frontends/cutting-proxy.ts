import { connect, createServer, type Socket } from 'node:net';

/** A line between a client and a gateway that breaks by itself: each connection after so many bytes have come back over it. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** How often it broke so far. */
  cuts(): number;
}

/** @param next bytes until the next connection breaks; null: it holds. */
export async function startCuttingProxy(target: number, next: () => number | null): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const gateway = connect(target, '127.0.0.1');
    const ends = [client, gateway];
    let left = next();
    for (const end of ends) {
      open.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        open.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    client.pipe(gateway);
    gateway.on('data', (chunk: Buffer) => {
      if (left === null) return void client.write(chunk);
      if (chunk.length < left) {
        left -= chunk.length;
        return void client.write(chunk);
      }
      // The last bytes still arrive, so that a message is cut anywhere, also in its middle.
      cuts += 1;
      client.write(chunk.subarray(0, left), () => client.destroy());
      gateway.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const end of open) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
