import { describe, expect, test } from 'vitest';
import { NumberDocument, NumbersDocument } from '../generated/graphql.ts';
import { startGateway } from '../support/gateway.ts';

const start = () => startGateway({ imported: false });

describe('importing the numbers bought before the gateway', () => {
  test('loads the good rows and reports each refused one with its line, its column and the reason', async () => {
    await using gateway = await start();
    const report = await gateway.app.importNumbers(
      [
        'e164,did_number_id,country,type,sms_enabled,status,monthly_rate_cents,colour',
        '+31 20 123 4567,42,nl,LOCAL,true,active,150,red',
        '0201234567,43,NL,local,true,active,150,',
        '+31201234568,x,XX,fax,maybe,dead,1.50,',
        '+31201234567,44,NL,local,true,active,150,',
        ',45,NL,local,true,active,150,',
      ].join('\n'),
      'csv',
    );
    expect(report).toMatchObject({ imported: 1, updated: 0, unchanged: 0, ignoredColumns: ['colour'] });
    expect(report.refused.map(({ line, column }) => `${line} ${column}`)).toEqual([
      '3 e164',
      '4 did_number_id',
      '4 country',
      '4 type',
      '4 sms_enabled',
      '4 status',
      '4 monthly_rate_cents',
      '5 e164',
      '6 e164',
    ]);
    expect(report.refused.map(({ problem }) => problem)).toEqual([
      '"0201234567" is no valid phone number; write it in E.164, such as +31201234567',
      'is a whole number, such as 42',
      '"XX" is no country in ISO 3166-1 alpha-2, such as NL',
      '"fax" is none of local, national, mobile, toll-free',
      'is true or false',
      'is one of provisioning, active, suspended, released',
      'is a whole number, such as 42',
      '+31201234567 stands on line 2 already',
      'is missing',
    ]);
    const answer = await gateway.ask(NumberDocument, { e164: '+31201234567' });
    expect(answer.data?.number).toMatchObject({ didNumberId: 42, status: 'ACTIVE', monthlyRate: { amount: '1.50' } });
  });

  test('twice is once: the second time changes nothing', async () => {
    await using gateway = await start();
    const csv = gateway.sandbox.control.numbersCsv();
    expect(await gateway.app.importNumbers(csv, 'csv')).toMatchObject({ imported: 30, refused: [] });
    expect(await gateway.app.importNumbers(csv, 'csv')).toMatchObject({ imported: 0, updated: 0, unchanged: 30 });
  });

  test('a later file updates what it names and leaves what it does not', async () => {
    await using gateway = await start();
    await gateway.app.importNumbers('e164,city,type\n+31201234567,Amsterdam,local', 'csv');
    const report = await gateway.app.importNumbers('e164;trunk\n+31201234567;trk_new', 'csv');
    expect(report).toMatchObject({ imported: 0, updated: 1 });
    const numbers = (await gateway.ask(NumbersDocument, {})).data?.numbers?.nodes;
    expect(numbers).toMatchObject([
      { city: 'Amsterdam', type: 'LOCAL', trunk: { uuid: 'trk_new' }, client: { name: 'trk_new' } },
    ]);
  });

  test('reads JSON as the graph names things', async () => {
    await using gateway = await start();
    const text = JSON.stringify([{ e164: '+31201234567', didNumberId: 42, smsEnabled: true, trunk: null }, 7]);
    const report = await gateway.app.importNumbers(text, 'json');
    expect(report).toMatchObject({ imported: 1, refused: [{ line: 2, column: 'e164', problem: 'is missing' }] });
    expect((await gateway.ask(NumberDocument, { e164: '+31201234567' })).data?.number).toMatchObject({
      smsEnabled: true,
    });
  });

  test.each([
    ['csv', 'name,city\nx,y', 'There is no column e164 in it.'],
    ['csv', 'e164,city,Number\n+31201234567,x,+31201234568', 'The columns e164 and Number mean the same'],
    ['csv', 'e164\n"+31', 'The CSV file cannot be read: Quote Not Closed'],
    ['json', '{"e164": "+31201234567"}', 'holds no array'],
    ['json', '[', 'The JSON file cannot be read'],
  ] as const)('a %s file that cannot be read at all is refused whole: %j', async (format, text, message) => {
    await using gateway = await start();
    await expect(gateway.app.importNumbers(text, format)).rejects.toThrow(message);
    expect((await gateway.ask(NumbersDocument, {})).data?.numbers?.totalCount).toBe(0);
  });

  test('a column called as something of JavaScript is a column like any other', async () => {
    await using gateway = await start();
    const csv = 'e164,constructor,toString\n+31201234567,1,2';
    expect(await gateway.app.importNumbers(csv, 'csv')).toMatchObject({
      imported: 1,
      ignoredColumns: ['constructor', 'to_string'],
    });
    const json = '[{"e164": "+31201234568", "constructor": 1, "__proto__": 2}]';
    expect(await gateway.app.importNumbers(json, 'json')).toMatchObject({
      imported: 1,
      ignoredColumns: ['constructor', '__proto__'],
    });
  });

  test('an id that the graph cannot tell is refused', async () => {
    await using gateway = await start();
    const rows = ['+31201234567,2147483647,1', '+31201234568,2147483648,1', `+31201234569,1,${'9'.repeat(400)}`];
    const report = await gateway.app.importNumbers(['e164,did_number_id,order_id', ...rows].join('\n'), 'csv');
    const problem = 'is at most 2147483647';
    expect(report).toMatchObject({
      imported: 1,
      refused: [
        { line: 3, column: 'did_number_id', problem },
        { line: 4, column: 'order_id', problem },
      ],
    });
  });

  test('a list of 20,000 numbers loads, and its pages and filters answer', async () => {
    await using gateway = await start();
    const rows = Array.from({ length: 20_000 }, (_, i) => `+3120${String(2_000_000 + i)},${i + 1},trk_${i % 50}`);
    const report = await gateway.app.importNumbers(['e164,did_number_id,trunk', ...rows].join('\n'), 'csv');
    expect(report).toMatchObject({ imported: 20_000, refused: [] });
    const page = await gateway.ask(NumbersDocument, { filter: { trunk: 'trk_7' }, first: 2 });
    expect(page.data?.numbers?.totalCount).toBe(400);
  });
});
