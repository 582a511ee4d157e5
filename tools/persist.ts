import { globSync, readFileSync } from 'node:fs';
import { schema } from '../src/schema.ts';
import { manifestOf } from '../src/server/persisted/manifest.ts';

// `npm run --silent persist -- 'src/**/*.graphql' > operations.json`: what PERSISTED_OPERATIONS names. The ids of the operations are
// told on the error stream, for the frontend that is to send them.
const patterns = process.argv.slice(2);
const paths = [...new Set(globSync(patterns))].sort();
const { documents, faults } = manifestOf(
  paths.map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  schema,
);

if (documents.length === 0 || faults.length > 0) {
  const nothing =
    patterns.length === 0 ? "Name the files: 'src/**/*.graphql'." : 'There are no operations in these files.';
  process.stderr.write(`${faults.length > 0 ? faults.join('\n') : nothing}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(
    `${JSON.stringify(Object.fromEntries(documents.map(({ id, document }) => [id, document])), null, 2)}\n`,
  );
  process.stderr.write(`${documents.map(({ id, name }) => `${id} ${name ?? '(no name)'}`).join('\n')}\n`);
}
