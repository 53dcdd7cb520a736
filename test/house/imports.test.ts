import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root, violations } from './importRules.ts';
import { rooms, typesOnly } from './rooms.ts';

test('imports go the ways that the rooms allow', async () => {
  const { found, files } = await violations(root);
  expect(found).toEqual([]);
  expect(files).toBeGreaterThan(80);
});

/** A house of made-up files, and what is wrong with it. */
async function violationsOf(files: ReadonlyMap<string, string>): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'distill-cluster-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, text] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return (await violations(directory)).found;
}

const something = 'export type T = number;\nexport const x: T = 0;\n';
const importing = (from: string, to: string, what = '{ x }'): string => {
  const path = relative(dirname(from), to);
  return `import ${what} from '${path.startsWith('.') ? path : `./${path}`}';\nexport type U = typeof x;\n`;
};

describe('a planted import is caught', () => {
  /** Every room and every file that the table knows. */
  const places = [...new Set([...Object.keys(rooms), ...Object.values(rooms).flat()])];
  const targets = places.map(place => (place.endsWith('/') ? `${place}target.ts` : place));
  const allowed = (room: string, target: string): boolean =>
    Object.entries(rooms)
      .filter(([outer]) => room.startsWith(outer))
      .every(([, may]) => may.some(path => (path.endsWith('/') ? target.startsWith(path) : target === path)));

  test('from any room into any other, as a type, exactly where the table does not allow it', async () => {
    const files = new Map(targets.map(target => [`src/${target}`, something]));
    const expected: string[] = [];
    for (const room of Object.keys(rooms))
      targets.forEach((target, i) => {
        const [from, to] = [`src/${room}plant${i}.ts`, `src/${target}`];
        files.set(from, importing(from, to, 'type { x }'));
        if (!allowed(room, target)) expected.push(`${from} → ${to}`);
      });
    const pairs = (await violationsOf(files)).map(line => line.slice(line.indexOf(': ') + 2));
    expect([...new Set(pairs)].sort()).toEqual(expected.sort());
    expect(expected).toContain(
      `src/coordinator/plant${targets.indexOf('worker/target.ts')}.ts → src/worker/target.ts`,
    );
  });

  test.each(typesOnly)('%s imports more than types from %s', async (room, place) => {
    const target = `src/${place.endsWith('/') ? `${place}index.ts` : place}`;
    const [values, types] = [`src/${room}values.ts`, `src/${room}types.ts`];
    const files = new Map([
      [target, something],
      [values, importing(values, target)],
      [types, importing(types, target, 'type { x }')],
    ]);
    expect(await violationsOf(files)).toEqual([`${room} sees ${place} as types only: ${values} → ${target}`]);
  });

  test.each<[string, string, string, string]>([
    ['a circle, of types too', 'src/shared/data/a.ts', 'src/shared/data/b.ts', 'no circles'],
    ['a front door', 'src/distill.ts', 'src/cli/main.ts', 'nobody imports a front door'],
    ['a test', 'src/distill.ts', 'test/fixtures/x.ts', 'src stands alone'],
    ['a file that is not there', 'src/distill.ts', 'src/lost.ts', 'every import is there'],
  ])('%s', async (_, from, to, rule) => {
    const files = new Map([[from, importing(from, to, 'type { x }')]]);
    if (rule !== 'every import is there')
      files.set(to, rule === 'no circles' ? importing(to, from, 'type { U as x }') : something);
    expect((await violationsOf(files)).filter(line => line.startsWith(`${rule}: `))).not.toEqual([]);
  });

  test('a package that only developers have', async () => {
    const files = new Map([
      ['package.json', '{ "devDependencies": { "dev-only": "1.0.0" } }'],
      [
        'node_modules/dev-only/package.json',
        '{ "name": "dev-only", "version": "1.0.0", "main": "index.js" }',
      ],
      ['node_modules/dev-only/index.js', 'module.exports = {};\n'],
      ['src/distill.ts', "import only from 'dev-only';\nexport default only;\n"],
    ]);
    expect(await violationsOf(files)).toEqual([
      'the program runs on its dependencies alone: src/distill.ts → node_modules/dev-only/index.js',
    ]);
  });
});
