import { type AccountWorld, type Belongings, foundIn } from './world.ts';

/** The events and transactions that an answer names by their ids and that are not this client's, or of this account, by the books. */
export async function strangersIn(answer: string, own: Belongings | null, world: AccountWorld): Promise<string[]> {
  const ids = [...answer.matchAll(/[\w-]{12,}/g)].map(([token]) => Buffer.from(token, 'base64url').toString());
  const named = (pattern: RegExp) => new Set(ids.flatMap((id) => pattern.exec(id)?.[1] ?? []).map(Number));
  const transactions = own === null ? [] : [...named(/^Transaction:(\d+)$/)].filter((id) => !isOwn(id, own, world));
  const seqs = named(/^\w+Event:(\d+)$/);
  const { db } = world.gateway.app.storage;
  const log = db.selectFrom('events').select(['seq', 'data']).where('account', '=', world.account);
  const told = seqs.size === 0 ? [] : await log.where('seq', 'in', [...seqs]).execute();
  const mine = own === null ? [] : [...own.numbers, ...own.trunks];
  const isMine = ({ data }: { data: string }) => own === null || foundIn(data, mine).length > 0;
  const known = new Set(told.filter(isMine).map(({ seq }) => seq));
  const events = [...seqs].filter((seq) => !known.has(seq));
  return [...transactions.map((id) => `Transaction:${id}`), ...events.map((seq) => `Event:${seq}`)];
}

/** A transaction about one of its trunks or numbers, or about an order of nothing but its numbers. */
function isOwn(id: number, { numbers, trunks }: Belongings, { gateway }: AccountWorld): boolean {
  const books = gateway.sandbox.control.world;
  const row = books.wallet.newest(0, books.wallet.count()).find((each) => each.id === id);
  const reference = row?.referenceId ?? 0;
  if (row?.referenceType === 'trunk') return trunks.includes(books.trunks.byId(reference)?.uuid ?? '');
  if (row?.referenceType === 'number') return numbers.includes(books.numbers.byId(reference)?.e164 ?? '');
  const bought = [...books.numbers.all()].filter(({ orderId }) => orderId === reference);
  return row?.referenceType === 'order' && bought.every(({ e164 }) => numbers.includes(e164));
}
