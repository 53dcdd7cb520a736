/** @file Every benchmark still works: with --quick it ends well and writes rows. What it measures meanwhile means nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { benchmarks } from '../../benchmarks/all.ts';
import type { Report } from '../../benchmarks/table.ts';
import { hasNatsServer } from '../fixtures/natsServer.ts';
import { Program } from '../fixtures/program.ts';
import { readJson, scratch } from '../fixtures/runs.ts';

const place = scratch();
/** Peers need other languages, transports a nats-server. */
const here = benchmarks.filter(({ name }) => name !== 'peers' && (name !== 'transports' || hasNatsServer));

/** Texts of the tables that docs show. */
const tablesOfRecord = (): string[] =>
  readdirSync('benchmarks/results').map(file => readFileSync(join('benchmarks/results', file), 'utf8'));

describe.each(here)('$name', ({ name, file, tables }) => {
  const out = join(place, name);

  test('ends well, and writes its tables where it is told', async () => {
    const before = tablesOfRecord();
    const args = ['--import', 'tsx', join('benchmarks', file), '--quick', '--out', out];
    const { status, stdout, stderr } = await new Program(process.execPath, args).ended;
    expect(status, stderr).toBe(0);
    expect(readdirSync(out).sort()).toEqual(tables.map(table => `${table}.json`).sort());
    for (const table of tables) {
      const { title, answers, rows } = readJson(join(out, `${table}.json`)) as Report;
      expect(rows.length).toBeGreaterThan(0);
      expect(answers).toMatch(/\?/);
      expect(title).toBeTruthy();
      expect(stdout).toContain(`${table}: `);
    }
    expect(tablesOfRecord()).toEqual(before);
  });
});
