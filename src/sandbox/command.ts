import { flagLines, readFlags } from './flags.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/** A sandbox started from the command line; undefined where only the flags were asked for. */
export interface SandboxCommand {
  readonly sandbox: Sandbox | undefined;
  close(): Promise<void>;
}

/**
 * `npm run sandbox -- --port 4010 --lively …`: starts a sandbox and prints its address, key and control; `--help`
 * prints the flags instead. Throws for an unknown flag or a value out of its bounds, with a message that names it.
 */
export async function runSandbox(argv: readonly string[], print: (line: string) => void): Promise<SandboxCommand> {
  if (argv.includes('--help')) {
    for (const line of flagLines) print(line);
    return { sandbox: undefined, close: async () => {} };
  }
  const { host, port, options } = readFlags(argv);
  const sandbox = createSandbox(options);
  await sandbox.listen({ host, port });
  const { balance, trunks, numbers, transactions } = sandbox.control.state();
  print(`DIDfarm sandbox  ${sandbox.apiUrl}`);
  print(`  API key        ${sandbox.apiKey}`);
  print(`  webhooks to    ${options.webhook?.url ?? 'nowhere yet (--webhook-url)'}, secret ${sandbox.webhookSecret}`);
  print(`  control        ${sandbox.url}/__sandbox/`);
  print(`  its numbers    ${sandbox.url}/__sandbox/numbers.csv`);
  print(`  holds          ${trunks} trunks, ${numbers} numbers, ${transactions} transactions, EUR ${balance}`);
  return { sandbox, close: sandbox.close };
}
