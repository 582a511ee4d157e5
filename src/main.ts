import { readFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { extname } from 'node:path';
import { isReadByAll } from './accounts-file.ts';
import type { AppConfig } from './app.ts';
import { bannerOf, warningsOf } from './banner.ts';
import { type Config, readConfig } from './config.ts';
import { createLogger, type Logger } from './server/log.ts';

const usage = `Usage:
  npm start                  the gateway; without DIDFARM_API_KEY on an embedded sandbox
  npm run sandbox            the sandbox alone; its flags: npm run sandbox -- --help
  npm run import -- FILE     numbers bought before the gateway: the portal's list as .csv or .json;
                             with ACCOUNTS_FILE: FILE --account NAME
  npm run token -- create    a token of ACCESS_FILE; list and revoke: npm run token -- --help
`;

/** Said to the person who started the process, without a stack: there is something to do about it. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

// Their messages are written for the person who runs the gateway; any other error is a defect and shows its stack.
const expected = new Set([
  'Refusal',
  'ConfigError',
  'StorageError',
  'ImportError',
  'AccessFileError',
  'TokenRefusal',
  'PersistedFileError',
]);

const embeddedSecret = 'whsec_embedded_sandbox';

async function serve(): Promise<void> {
  const given = readConfig(process.env);
  const running = stopOnSignals();
  const log = await openLog(given);
  const accountsFile = process.env['ACCOUNTS_FILE'] ?? '';
  if (accountsFile !== '' && isReadByAll(accountsFile))
    log.warn({ path: accountsFile }, 'Every user of this machine may read the accounts file: chmod 600 it');
  const { config, sandbox } = given.upstream
    ? { config: { ...given, upstream: given.upstream }, sandbox: null }
    : await onSandbox(given);
  if (sandbox) running.push(sandbox);
  const { createApp } = await import('./app.ts');
  const app = await createApp(config, { log });
  running.push(app);
  const imported = sandbox ? await app.importNumbers(sandbox.control.numbersCsv(), 'csv') : null;
  const { url } = await app.listen().catch((error: unknown) => {
    throw listenRefusal(error, config.host, config.port);
  });

  const publicUrl = config.port === 0 ? url : config.publicUrl;
  if (sandbox === null && !process.stdout.isTTY) {
    const accounts = config.accounts.length > 0 ? config.accounts.map(({ name }) => name) : [config.account];
    log.info({ url, publicUrl, accounts }, 'Ready');
    for (const warning of warningsOf(config, publicUrl)) log.warn({}, warning);
    return;
  }
  process.stdout.write(
    bannerOf({
      config,
      url: publicUrl,
      seconds: performance.now() / 1000,
      sandbox: sandbox && {
        apiUrl: sandbox.apiUrl,
        controlUrl: `${sandbox.url}/__sandbox/`,
        numbers: imported?.imported ?? 0,
      },
    }),
  );
}

/** The gateway's configuration with a sandbox of its own in DIDfarm's place. Loaded only here: production never needs it. */
async function onSandbox(given: Config) {
  const { createSandbox } = await import('./sandbox/sandbox.ts');
  // The sandbox has to know where to deliver events before the gateway listens.
  const port = given.port === 0 ? await freePort(given.host) : given.port;
  const url = given.publicUrl.replace(/:0$/, `:${port}`);
  const secret = given.webhookSecrets[0] ?? embeddedSecret;
  const sandbox = createSandbox({ lively: true, webhook: { url: `${url}/webhooks/didfarm`, secret } });
  await sandbox.listen();
  const { apiUrl, regulatoryUrl, apiKey } = sandbox;
  const upstream = { apiKey, baseUrl: apiUrl, regulatoryUrl, rateLimit: 60 };
  const config: AppConfig = { ...given, upstream, port, publicUrl: url, webhookSecrets: [secret] };
  return { config, sandbox };
}

async function sandboxAlone(args: readonly string[]): Promise<void> {
  const running = stopOnSignals();
  const { runSandbox } = await import('./sandbox/command.ts');
  const started = await runSandbox(args, (line) => process.stdout.write(`${line}\n`)).catch((error: Error) => {
    throw new Refusal(error.message);
  });
  running.push(started);
  if (!started.sandbox) process.exit(0);
}

async function importFile(args: readonly string[]): Promise<void> {
  const { path, account } = importOf(args);
  const format = path === undefined ? '' : extname(path).slice(1).toLowerCase();
  if (path === undefined || (format !== 'csv' && format !== 'json')) throw new Refusal(usage);
  const config = readConfig(process.env);
  if (!config.upstream) {
    throw new Refusal(
      'Without DIDFARM_API_KEY there is no account to import into: the embedded sandbox brings its own.',
    );
  }
  const names = config.accounts.length > 0 ? config.accounts.map(({ name }) => name) : [config.account];
  if (!names.includes(account ?? (names.length > 1 ? '' : config.account)))
    throw new Refusal(`Which account? Say --account with one of ${names.join(', ')}.`);
  const text = await readText(path);
  const { createApp } = await import('./app.ts');
  const app = await createApp({ ...config, upstream: config.upstream }, { log: await openLog(config) });
  try {
    const { imported, updated, unchanged, refused, ignoredColumns } = await app.importNumbers(text, format, account);
    if (imported + updated + unchanged + refused.length === 0) throw new Refusal('There are no numbers in the file.');
    for (const { line, column, problem } of refused) process.stderr.write(`line ${line}: ${column} ${problem}\n`);
    if (ignoredColumns.length > 0)
      process.stdout.write(`Columns that mean nothing here: ${ignoredColumns.join(', ')}\n`);
    process.stdout.write(
      `${imported} imported, ${updated} updated, ${unchanged} unchanged, ${refused.length} refused.\n`,
    );
    process.exitCode = refused.length > 0 ? 1 : 0;
  } finally {
    await app.close();
  }
}

async function manageTokens(args: readonly string[]): Promise<void> {
  const { runTokenCommand } = await import('./access/token-command.ts');
  await runTokenCommand(args, {
    file: process.env['ACCESS_FILE'],
    print: (line) => process.stdout.write(`${line}\n`),
    remark: (line) => process.stderr.write(`${line}\n`),
  });
}

/** A file, and with several accounts the one that it is of. */
function importOf(args: readonly string[]): { readonly path: string | undefined; readonly account?: string } {
  const [path, flag, account] = args;
  if (args.length <= 1) return { path };
  if (args.length === 3 && flag === '--account' && account !== undefined) return { path, account };
  throw new Refusal(usage);
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new Refusal(`The file cannot be read: ${error.message}`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(
      'The file is not in UTF-8. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and import it again.',
    );
  }
}

/** JSON lines on standard output, made readable where a person looks at them. */
async function openLog(config: Config): Promise<Logger> {
  const destination = process.stdout.isTTY ? (await import('pino-pretty')).default({ sync: true }) : process.stdout;
  return createLogger({ level: config.logLevel, destination });
}

/**
 * The first signal closes what runs, the last started first, and ends well; the second one ends at once. Set up before anything
 * starts: as the first process of a container, Node would otherwise ignore a signal that comes early.
 */
function stopOnSignals(): { close(): Promise<void> }[] {
  const running: { close(): Promise<void> }[] = [];
  let since: number | null = null;
  const stop = async () => {
    for (const part of running.toReversed()) await part.close();
    process.exit(0);
  };
  const onSignal = () => {
    // A terminal's Ctrl-C arrives twice, once from the terminal and once through npm.
    if (since !== null && performance.now() - since > 500) process.exit(1);
    if (since !== null) return;
    since = performance.now();
    stop().catch(fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return running;
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createTcpServer().once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function listenRefusal(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new Refusal(`Port ${port} of ${host} is in use. Stop what uses it, or set another PORT.`);
  if (code === 'EACCES') return new Refusal(`Port ${port} may not be used by this user. Set a PORT above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new Refusal(`This machine has no address ${host}. Set HOST.`);
  return error;
}

function fail(error: unknown): never {
  const isExpected = error instanceof Error && expected.has(error.name);
  const text = isExpected ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text?.trimEnd()}\n`);
  process.exit(1);
}

async function run([command = 'serve', ...rest]: string[]): Promise<void> {
  if (command === 'serve' && rest.length === 0) return serve();
  if (command === 'sandbox') return sandboxAlone(rest);
  if (command === 'token') return manageTokens(rest);
  if (command === 'import') return importFile(rest);
  throw new Refusal(usage);
}

await run(process.argv.slice(2)).catch(fail);
