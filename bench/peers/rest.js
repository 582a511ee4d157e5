/** Where DIDfarm is, and the numbers that are owned: `{ apiUrl, apiKey, numbers }` as JSON in the one argument. */
export const { apiUrl, apiKey, numbers } = JSON.parse(process.argv[2] ?? '{}');

/** Reads the REST API once and keeps what it was told, parsed, in memory: no cache can be faster. */
export function createKeptApi() {
  const kept = new Map();
  const get = (path) => {
    const known = kept.get(path);
    if (known) return known;
    const answer = read(path);
    kept.set(path, answer);
    return answer;
  };
  return {
    balance: () => get('/wallet/balance'),
    trunks: () => get('/portal/sip-trunks'),
    transactions: (page) => get(`/wallet/transactions?page=${page}`),
  };
}

async function read(path) {
  const response = await fetch(`${apiUrl}${path}`, {
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Says where it listens, and ends when it is told to. */
export function announce(url) {
  process.stdout.write(`${url}\n`);
  process.on('SIGTERM', () => process.exit(0));
}
