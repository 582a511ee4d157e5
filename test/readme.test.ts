import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');

/** Every match of a pattern's one group in files of the sources. */
function found(pattern: RegExp, ...globs: string[]): string[] {
  const texts = globSync(globs, { exclude: ['src/sandbox/**'] }).map((path) => readFileSync(path, 'utf8'));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)))].sort();
}

test('the README names every variable that is read', () => {
  const variables = found(/^ {2}([A-Z][A-Z_]+): (?:z|\w+$|\w+[.(])/gm, 'src/config.ts', 'src/access/settings.ts');

  expect(variables.length).toBeGreaterThan(20);
  expect(variables.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('the README names every code that an error can have', () => {
  const codes = found(/(?:code: |code = |refusal\((?:\d+, )?)'([A-Z][A-Z_]+)'/g, 'src/**/*.ts');
  // Of the process as it starts, told to whoever started it.
  const ofTheStart = found(/new StorageError\(\s*'([A-Z_]+)'/g, 'src/**/*.ts');

  expect(codes).toContain('FOREIGN_SITE');
  expect(codes.filter((code) => !ofTheStart.includes(code) && !readme.includes(`\`${code}\``))).toEqual([]);
});

test('what the README and SECURITY.md link to is there', () => {
  const security = readFileSync('SECURITY.md', 'utf8');
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  );
  const links = [...`${readme}${security}`.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);

  const anchors = links.flatMap((link) => /^(?:README\.md)?#(.+)$/.exec(link)?.[1] ?? []);
  expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  const paths = links.filter((link) => !/^https?:|#/.test(link));
  expect(paths.filter((path) => globSync(path).length === 0)).toEqual([]);
});
