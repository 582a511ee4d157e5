import { readFile } from 'node:fs/promises';
import { replayImage } from '../test/support/image.ts';
import { makeFolder } from './folder.ts';

/** A way to start the gateway. */
export interface Program {
  /** What Node is given: its flags, the file, and what follows that. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

let made: Promise<Program> | null = null;

/** As in production: the image that the Dockerfile makes is made when it is first needed, and goes away with this process. */
export function image(): Promise<Program> {
  made ??= makeImage();
  return made;
}

async function makeImage(): Promise<Program> {
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const { command, folder, environment } = await replayImage(await makeFolder(), user);
  // Its peers ask nobody who they are: it only listens to this machine, and does not either.
  return { args: command.slice(1), cwd: folder, env: { ...environment, HOST: '127.0.0.1', ACCESS_FILE: '' } };
}

/** As whoever has the sources starts it: what `npm start` says, without npm. */
export async function sources(): Promise<Program> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { start: string } };
  return { args: scripts.start.split(' ').slice(1), env: {} };
}
