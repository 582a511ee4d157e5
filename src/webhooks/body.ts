import { WebhookRefusal } from './refusal.ts';

/** Bytes. A payload of the guide has 200. */
const largestBody = 256 * 1024;

/** Bytes of bodies that have begun to come and have not ended, of all senders together. */
const mostUnderWay = 64 * 1024 * 1024;

/** The raw bytes of a webhook, and no more of them than one has. @throws WebhookRefusal 413, 503 */
export type ReadBody = (request: Request) => Promise<Uint8Array>;

interface Reading {
  bytes: number;
  readonly cut: PromiseWithResolvers<never>;
}

/**
 * Who sends a webhook is not known before it is read to its end. Of bodies that do not end, those that have been coming for longest are
 * cut, so that they take no memory from those that do.
 */
export function createBodyReader(most: number = mostUnderWay): ReadBody {
  const underWay = new Set<Reading>();
  let held = 0;
  const end = (reading: Reading) => {
    if (underWay.delete(reading)) held -= reading.bytes;
  };
  const hold = (reading: Reading, bytes: number) => {
    if (!underWay.has(reading)) return;
    reading.bytes += bytes;
    held += bytes;
    for (const longest of underWay) {
      if (held <= most) break;
      end(longest);
      longest.cut.reject(new WebhookRefusal(503, null, 'Too much is under way, and this has taken longest.'));
    }
  };

  return async ({ body }) => {
    if (body === null) return new Uint8Array();
    const reading: Reading = { bytes: 0, cut: Promise.withResolvers() };
    reading.cut.promise.catch(() => undefined);
    underWay.add(reading);
    // Left where it is and never cancelled: that would cut the connection before the sender is answered.
    const reader = body.getReader();
    const chunks: Uint8Array[] = [];
    const next = () => Promise.race([reader.read(), reading.cut.promise]);
    try {
      for (let part = await next(); !part.done; part = await next()) {
        hold(reading, part.value.byteLength);
        chunks.push(part.value);
        if (reading.bytes > largestBody)
          throw new WebhookRefusal(413, null, `A webhook has at most ${largestBody} bytes.`);
      }
      return Buffer.concat(chunks);
    } finally {
      end(reading);
    }
  };
}
