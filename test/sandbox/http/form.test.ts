import { expect, test } from 'vitest';
import { run } from '../harness.ts';

const amsterdam = { number: '+31201234567', country: 'NL', type: 'local' };

function formOf(entries: readonly (readonly [string, string | Blob])[]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

async function submit(entries: readonly (readonly [string, string | Blob])[]) {
  await using api = await run();
  await api.post('/wallet/checkout', { items: [amsterdam] });
  const response = await fetch(api.sandbox.regulatoryUrl, {
    method: 'POST',
    headers: { accept: 'application/json', authorization: `Bearer ${api.sandbox.apiKey}` },
    body: formOf(entries),
  });
  const status = api.sandbox.control.world.numbers.byE164(amsterdam.number)?.regulatoryStatus;
  return { answered: response.status, body: await response.json(), status };
}

const pdf = (bytes: string) => new Blob([bytes], { type: 'application/pdf' });

test('documents may come as a form, its names nested as Laravel reads them', async () => {
  const submitted = await submit([
    ['number', amsterdam.number],
    ['documents[0][type]', 'passport'],
    ['documents[0][file]', pdf('%PDF-1.7')],
    ['documents[1][file]', pdf('%PDF-1.4')],
  ]);
  expect(submitted).toMatchObject({ answered: 201, body: { data: { status: 'submitted' } }, status: 'submitted' });
});

test.each([
  ['without documents', [['number', amsterdam.number]], 'documents'],
  [
    'with an empty file',
    [
      ['number', amsterdam.number],
      ['documents[0][file]', pdf('')],
    ],
    'documents.0.file.size',
  ],
  [
    'with a text',
    [
      ['number', amsterdam.number],
      ['documents[0][file]', new Blob(['x'])],
    ],
    'documents.0.file.type',
  ],
] as const)('a form %s is refused by its field', async (_, entries, field) => {
  const { answered, body, status } = await submit(entries);
  expect([answered, Object.keys(Object(body).error.fields), status]).toEqual([422, [field], 'required']);
});

test('a body that only claims to be a form is refused', async () => {
  await using api = await run();
  const answer = await api.post('/api/regulatory/submit', {}, { 'content-type': 'multipart/form-data; boundary=x' });
  expect([answer.status, answer.json.error.code]).toEqual([422, 'validation_error']);
});
