import Big from 'big.js';
import type { Account } from '../account.ts';
import { decimal } from '../graph/money.ts';
import { ensureTrunks } from '../trunks/learn.ts';
import { learnNumbers, type NumberFacts } from './numbers.ts';
import { type PortalRow, portalColumns, portalRow } from './portal-row.ts';

/** A row that was left out: where it stands, which column, what was wrong. */
export interface Refusal {
  /** Line of a CSV file, from 1; place in a JSON array, from 1. */
  readonly line: number;
  readonly column: string;
  readonly problem: string;
}

/** What became of a file. Rows that were refused leave the others. */
export interface ImportReport {
  readonly imported: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly Refusal[];
  /** Columns of the file that mean nothing here. */
  readonly ignoredColumns: readonly string[];
}

/** The file as a whole cannot be read. The message says where and why. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

export type ImportFormat = 'csv' | 'json';

interface RawRow {
  readonly line: number;
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * Loads numbers that were bought before the gateway from the portal's list. What it says of status and routing counts only where
 * no webhook has said it with a date.
 * @throws ImportError where the file cannot be read at all; nothing is written then.
 */
export async function importNumbers(account: Account, text: string, format: ImportFormat): Promise<ImportReport> {
  const raw = format === 'csv' ? await readCsv(text) : readJson(text);
  if (raw.length > 0 && raw.every((row) => row.columns['e164'] === undefined))
    throw new ImportError(`There is no column e164 in it. The columns are: ${portalColumns.join(', ')}.`);
  const { rows, refused } = check(raw);
  const ignoredColumns = [...new Set(raw.flatMap((row) => Object.keys(row.columns)))].filter(
    (column) => !portalColumns.includes(column),
  );
  const learnt = await account.storage.transaction(async (trx) => {
    const uuids = rows.flatMap((row) => row.trunk_uuid ?? []);
    const trunks = await ensureTrunks(trx, account, uuids, account.clock.now());
    const facts = rows.map((row) => {
      const trunk = row.trunk_uuid === undefined ? undefined : trunks.get(row.trunk_uuid);
      return factsOf(row, trunk && { key: trunk.trunk_key, client: trunk.client_key });
    });
    return learnNumbers(trx, account, facts);
  });
  account.imported?.(rows.map(({ e164 }) => e164));
  const unchanged = rows.length - learnt.inserted - learnt.changed;
  return { imported: learnt.inserted, updated: learnt.changed, unchanged, refused, ignoredColumns };
}

function check(raw: readonly RawRow[]): { rows: PortalRow[]; refused: Refusal[] } {
  const rows: PortalRow[] = [];
  const refused: Refusal[] = [];
  const firstLine = new Map<string, number>();
  for (const { line, columns } of raw) {
    const parsed = portalRow.safeParse(columns);
    if (!parsed.success) {
      refused.push(
        ...parsed.error.issues.map((issue) => {
          const column = issue.path.join('.');
          return { line, column, problem: columns[column] === undefined ? 'is missing' : issue.message };
        }),
      );
      continue;
    }
    const earlier = firstLine.get(parsed.data.e164);
    if (earlier !== undefined) {
      refused.push({ line, column: 'e164', problem: `${parsed.data.e164} stands on line ${earlier} already` });
      continue;
    }
    firstLine.set(parsed.data.e164, line);
    rows.push(parsed.data);
  }
  return { rows, refused };
}

function factsOf(row: PortalRow, trunk: { key: string; client: string } | undefined): NumberFacts {
  const activatedAt = row.status === 'ACTIVE' ? (row.activated_at ?? null) : null;
  return {
    e164: row.e164,
    didNumberId: row.did_number_id,
    country: row.country,
    rawType: row.type,
    city: row.city,
    smsEnabled: row.sms_enabled,
    monthlyRate: cents(row.monthly_rate_cents),
    setupFee: cents(row.setup_fee_cents),
    orderId: row.order_id,
    status: row.status && { value: row.status, at: activatedAt },
    regulatory: row.regulatory_status && { value: row.regulatory_status, at: null },
    trunk: trunk && { value: trunk, at: null },
  };
}

function cents(amount: number | undefined): string | undefined {
  return amount === undefined ? undefined : decimal(new Big(amount).div(100));
}

/** An empty cell says nothing. */
function filled(cells: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== ''));
}

async function readCsv(text: string): Promise<RawRow[]> {
  const { CsvError, parse } = await import('csv-parse/sync');
  try {
    const rows = parse(text, {
      bom: true,
      columns: columnNames,
      delimiter: [',', ';', '\t'],
      info: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count_less: true,
    }) as unknown as { info: { lines: number }; record: Record<string, string> }[];
    return rows.map(({ info, record }) => ({ line: info.lines, columns: filled(record) }));
  } catch (error) {
    if (error instanceof CsvError) throw new ImportError(`The CSV file cannot be read: ${error.message}`);
    throw error;
  }
}

function readJson(text: string): RawRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ImportError(`The JSON file cannot be read: ${(error as Error).message}`);
  }
  if (!Array.isArray(value))
    throw new ImportError('The JSON file holds no array of numbers: write [{"e164": "+31…"}, …]');
  return value.map((item: unknown, index) => {
    const cells = typeof item === 'object' && item !== null ? Object.entries(item) : [];
    const names = columnNames(cells.map(([name]) => name));
    const columns = cells.map(([, cell], place) => [names[place], cell == null ? '' : String(cell).trim()]);
    return { line: index + 1, columns: filled(Object.fromEntries(columns)) };
  });
}

const otherNames = new Map([
  ['number', 'e164'],
  ['phone_number', 'e164'],
  ['trunk', 'trunk_uuid'],
]);

/** @throws ImportError where two columns are one: whichever counted, the other would be lost without a word. */
function columnNames(header: readonly string[]): string[] {
  const names = header.map(columnName);
  const second = names.findIndex((name, place) => names.indexOf(name) < place);
  if (second < 0) return names;
  const first = header[names.indexOf(names[second] ?? '')];
  throw new ImportError(`The columns ${first} and ${header[second]} mean the same: leave one of them out.`);
}

/** `didNumberId`, `DID number id` and `did_number_id` are one column; `number` is the number, `trunk` its trunk. */
function columnName(name: string): string {
  const plain = name
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return otherNames.get(plain) ?? plain;
}
