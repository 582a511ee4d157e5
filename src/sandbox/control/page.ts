/** What `GET /__sandbox/` answers: every control in a line. */
export const controlPage = `DIDfarm sandbox: control

The API is below /api/v1 (and /api/regulatory/submit). A key with _read behind it may only read. The cookie login:
GET /sanctum/csrf-cookie, then POST /login {"email":"owner@example.com","password":"sandbox"} with X-XSRF-TOKEN.

All bodies of the control are JSON. Several accounts: ?account=API_KEY chooses one, without it the first.

GET    /__sandbox/state         clock and, for each account, balance and counts
GET    /__sandbox/numbers.csv   the account's numbers, as a file to import

GET    /__sandbox/clock         what time it is here
POST   /__sandbox/clock         {"advance":"30d"} (ms as a number, or s, m, h, d); all that is due on the way happens

GET    /__sandbox/calls         calls to the API: total, refused (429), by route, busiest 60 seconds
GET    /__sandbox/calls/log     the last 1,000 of them
DELETE /__sandbox/calls         count from zero
PUT    /__sandbox/rate-limit    {"limit":60}; null lifts it

GET    /__sandbox/faults        faults in force
POST   /__sandbox/faults        {"kind":"status","path":"/wallet/*","method":"GET","status":503,"times":2,"skip":1}
                                kinds: status, latency, cut-before, cut-after, cut-body, truncated, html, redirect,
                                empty, hang; "latency" in ms with any; "processed":true does the work all the same;
                                without "times" until cleared; "path":"/wallet/transactions?page=3" minds the query
DELETE /__sandbox/faults        no more faults

GET    /__sandbox/variants      how unpublished shapes are answered
PATCH  /__sandbox/variants      {"envelope":"bare","timestamps":"offset"}
DELETE /__sandbox/variants      as at the start

GET    /__sandbox/webhooks      the latest deliveries with their attempts
PATCH  /__sandbox/webhooks      {"url":"http://…","secret":"…","outage":true,"deaf":false,"lose":false,
                                 "duplicates":1,"reorder":true,"clockSkew":-60000}
POST   /__sandbox/emit          {"event":"trunk.offline","data":{}}: sends it, nothing else happens

POST   /__sandbox/trunk         {"uuid":"trk_…","status":"registered"}: a PBX registers or drops
POST   /__sandbox/number        {"did_number_id":1,"action":"suspend"}: or activate, release
POST   /__sandbox/text          {"did_number_id":1,"from":"+31612345678","body":"Hello"}: a text arrives
POST   /__sandbox/top-up        {"euros":"50.00"}
POST   /__sandbox/regulatory    {"did_number_id":1,"decision":"approved"}, or {"outcome":"rejected"} for what follows
`;
