import { describe, expect, test } from 'vitest';
import { withEngine } from '../src/engine.ts';
import { type Config, type Options, resolveConfig } from '../src/shared/config/index.ts';
import { automatic, loadEngine } from '../src/worker/engines/index.ts';

/** `auto` under `options`, where `lacking` do not load. */
async function chosen(
  options: Options,
  lacking: readonly string[],
): Promise<{ config: Config; said: string[]; tried: string[] }> {
  const [said, tried]: [string[], string[]] = [[], []];
  const config = await withEngine(
    resolveConfig({ engine: 'auto', ...options }),
    { onNotice: line => said.push(line) },
    automatic,
    async ({ engine, tfjsBackend = '' }) => {
      tried.push(`${engine} ${tfjsBackend}`.trim());
      if (lacking.includes(tried.at(-1)!)) throw new Error('not\nthere');
    },
  );
  return { config, said, tried };
}

describe('auto', () => {
  test('is the first of the list when that loads; nothing else is tried, and nothing said', async () => {
    const { config, said, tried } = await chosen({}, []);
    expect(config).toEqual(resolveConfig({ engine: 'native' }));
    expect(said).toEqual([]);
    expect(tried).toEqual(['native']);
  });

  test('goes down the list, and says on one line why', async () => {
    const { config, said } = await chosen({ transport: 'cluster' }, ['native', 'onnx']);
    expect(config).toMatchObject({ engine: 'tfjs', tfjsBackend: 'tensorflow', transport: 'cluster' });
    expect(said).toEqual([
      'engine tfjs tensorflow: native does not load (not there), onnx does not load (not there)',
    ]);
  });

  test('leaves out what does not compute in threads, and says so', async () => {
    const { config, said, tried } = await chosen({}, ['native', 'onnx']);
    expect(config).toMatchObject({ engine: 'tfjs', tfjsBackend: 'wasm', transport: 'threads' });
    expect(said).toEqual([
      'engine tfjs wasm: native does not load (not there), onnx does not load (not there), tfjs tensorflow needs --transport cluster',
    ]);
    expect(tried).toEqual(['native', 'onnx', 'tfjs wasm']);
  });

  test('fails with the last reason when nothing loads', async () => {
    const all = ['native', 'onnx', 'tfjs tensorflow', 'tfjs wasm'];
    await expect(chosen({ transport: 'inline' }, all)).rejects.toThrow('not\nthere');
  });

  test('is never what a worker is asked for', async () => {
    await expect(loadEngine('auto')).rejects.toMatchObject({ code: 'usage' });
  });
});

test('an engine that is named stays as it is, untried', async () => {
  const config = resolveConfig({ engine: 'tfjs', tfjsBackend: 'cpu' });
  expect(await withEngine(config, {}, automatic, () => Promise.reject(new Error('tried')))).toBe(config);
});
