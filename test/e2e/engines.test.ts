/** @file Runs by tfjs as its users start them: that they come to what onnx comes to, over which transports, and what is said where a backend is not there. */
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Summary } from '../../src/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { noticesOf, SmallRuns, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import { built, Program, run } from '../fixtures/program.ts';
import { mixed, onSmall, readJson, scratch, smallSizes, written } from '../fixtures/runs.ts';
import { hasTfjsNative } from '../fixtures/tfjsNative.ts';

const place = scratch();
const data = join(place, 'data');
await writeIdxSet(data, smallSizes);
const small = [...onSmall(data), ...mixed, '--steps', '3', '--workers', '2', '--eval-nets', '1'];

/** libtensorflow itself says two lines on stderr as it is loaded; those of worker processes are kept from the terminal. */
const loading = /^(WARNING: All log messages before absl::InitializeLog.*\n|I0000 .*oneDNN.*\n)*$/;

/** A finished run under `flags`. */
async function finished(
  name: string,
  flags: string,
  expectedErrors = /^$/,
): Promise<Summary & { notices: string[]; losses: number[] }> {
  const out = join(place, name);
  const { status, stdout, stderr } = await run([...small, ...flags.split(' '), '--json', '--out', out]);
  expect(stderr).toMatch(expectedErrors);
  expect(status).toBe(0);
  const { summary, metrics } = await written(out);
  return { ...summary, notices: noticesOf(stdout), losses: metrics.map(({ loss }) => loss) };
}

const tensorflow = '--engine tfjs --tfjs-backend tensorflow';

describe('tfjs comes to what onnx comes to', () => {
  let onnx: Awaited<ReturnType<typeof finished>>;
  beforeAll(async () => {
    onnx = await finished('onnx', '--engine onnx');
  });

  const rows = [
    { backend: 'tensorflow', transport: 'cluster', skip: !hasTfjsNative },
    { backend: 'wasm', transport: 'threads', skip: false },
    { backend: 'cpu', transport: 'inline', skip: false },
  ];
  for (const { backend, transport, skip } of rows)
    test.skipIf(skip)(`${backend}, ${transport}`, async () => {
      const tfjs = await finished(
        backend,
        `--engine tfjs --tfjs-backend ${backend} --transport ${transport}`,
      );
      expect(tfjs).toMatchObject({ engine: `tfjs ${backend}`, transport });
      tfjs.losses.forEach((loss, step) => expect(Math.abs(loss / onnx.losses[step]! - 1)).toBeLessThan(1e-3));
      expect(tfjs.imagesSha256).not.toBe(onnx.imagesSha256); // it was another engine: the last bits tell
    });
});

describe('the native backend', () => {
  test.skipIf(!hasTfjsNative)(
    'takes processes where no transport was asked for, and gives the same bytes in place',
    async () => {
      const chosen = await finished('chosen', tensorflow);
      const inline = await finished('inline', `${tensorflow} --transport inline`, loading);
      expect(chosen.transport).toBe('cluster');
      expect(inline.imagesSha256).toBe(chosen.imagesSha256);
    },
  );

  test('refuses threads, in one line, before anything is written', async () => {
    const out = join(place, 'threads');
    const ended = await run([...small, ...tensorflow.split(' '), '--transport', 'threads', '--out', out]);
    expect(ended).toEqual({
      status: 2,
      stdout: '',
      stderr:
        "distill-cluster: --transport: expected processes: the engine tfjs tensorflow is not safe in threads, found threads; use the transport cluster, or tfjsBackend 'wasm'\n",
    });
    expect(existsSync(out)).toBe(false);
  });

  test('does not load in a thread, whoever asks', async () => {
    const file = built('worker/engines/tfjs/backends.js').href;
    const source = `import('${file}').then(it => it.loadTfjs('tensorflow')).catch(error =>
      require('node:worker_threads').parentPort.postMessage(error.message))`;
    const thread = new Worker(source, { eval: true });
    const said = await new Promise(resolve => thread.once('message', resolve));
    await thread.terminate();
    expect(said).toMatch(
      /^engine tfjs, backend tensorflow: expected a process of its own: .*, found a worker thread; /,
    );
  });
});

test('one task is reproduced by another engine than the run’s, whose workers are threads', async () => {
  const out = join(place, 'reproduced');
  expect((await run([...small, '--transport', 'threads', '--out', out])).status).toBe(0);
  const flags = ['--config', out, '--step', '2', '--member', '1', '--out', join(out, 'task.npz')];
  const backend = hasTfjsNative ? 'tensorflow' : 'wasm';
  const ended = await run(['reproduce', ...flags, '--engine', 'tfjs', '--tfjs-backend', backend]);
  expect(ended.status).toBe(0);
  expect(readJson(join(out, 'task.json'))).toMatchObject({
    engine: expect.stringMatching(hasTfjsNative ? /^tfjs 4.*, libtensorflow \d/ : /^tfjs 4.*, wasm/),
  });
});

describe('--engine auto', () => {
  test('takes the fastest without a word; what is stored names it, and a resume keeps what the run began with, and says so', async () => {
    const auto = await finished('auto', '--engine auto');
    expect(auto.notices.filter(line => line.includes('engine'))).toEqual([]);
    const { config } = await written(join(place, 'auto'));
    expect(config.engine).toBe('native');
    const wasm = join(place, 'begun');
    const flags = [...small, '--json', '--out', wasm];
    expect((await run([...flags, '--engine', 'tfjs'])).status).toBe(0);
    const on = await run([...flags, '--engine', 'auto', '--resume', 'auto', '--steps', '4']);
    expect(on.stderr).toBe('');
    expect(noticesOf(on.stdout)).toContain('engine tfjs wasm, as the run was begun');
    expect((await written(wasm)).summary).toMatchObject({ engine: 'tfjs wasm', steps: 4 });
  });
});

test('a run does not go on with another backend', async () => {
  const out = join(place, 'other');
  expect((await run([...small, '--engine', 'tfjs', '--out', out])).status).toBe(0);
  const other = await run(['--resume', out, '--steps', '4', '--tfjs-backend', 'cpu']);
  expect(other.status).toBe(2);
  expect(other.stderr).toContain('found steps: 3 → 4, tfjsBackend: wasm → cpu; ');
});

describe('where the packages are not installed', () => {
  const elsewhere = scratch();
  const root = fileURLToPath(new URL('../../', import.meta.url));
  beforeAll(() => {
    cpSync(fileURLToPath(built('')), join(elsewhere, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(elsewhere, 'package.json'));
    mkdirSync(join(elsewhere, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules')))
      if (name !== '@tensorflow' && !name.startsWith('.'))
        symlinkSync(join(root, 'node_modules', name), join(elsewhere, 'node_modules', name));
  });
  const there = (args: readonly string[]): Promise<{ status: number; stderr: string }> =>
    new Program(process.execPath, [join(elsewhere, 'dist/cli/main.js'), ...args], { cwd: elsewhere }).ended;

  test.each(['threads', 'cluster', 'inline'])('it says in one line what to install: %s', async transport => {
    const ended = await there([...small, '--quiet', '--engine', 'tfjs', '--transport', transport]);
    expect(ended).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^distill-cluster: engine tfjs, backend wasm: expected @tensorflow\/tfjs-core and @tensorflow\/tfjs-backend-wasm 4\.22\.0, found no @tensorflow\/tfjs-core, no @tensorflow\/tfjs-backend-wasm; npm install @tensorflow\/tfjs-core@4\.22\.0 .*\n$/,
      ),
    });
  });

  test('a run with onnx is none the worse', async () => {
    expect((await there([...small, '--quiet'])).status).toBe(0);
  });

  describe.skipIf(!hasNatsServer)('over NATS', () => {
    test('a worker refuses the run, and one that has them serves it', async () => {
      const server = await NatsServer.start();
      const runs = new SmallRuns('--models logreg --steps 3');
      await runs.prepare();
      const [coordinator] = runs.coordinator(server.url, 'lacking', ['--engine', 'tfjs', '--workers', '1']);
      const refusing = await there([
        'worker',
        '--nats-url',
        server.url,
        '--run-name',
        'lacking',
        '--concurrency',
        '1',
      ]);
      expect(refusing.status).toBe(2);
      expect(refusing.stderr).toContain(
        'distill-cluster: engine tfjs, backend wasm: expected @tensorflow/tfjs-core',
      );
      const serving = worker(server.url, ['--run-name', 'lacking', '--once']);
      expect((await coordinator.ended).status).toBe(0);
      expect((await serving.ended).status).toBe(0);
    });

    test.skipIf(!hasTfjsNative)('the native backend computes in processes, several at a time', async () => {
      const server = await NatsServer.start();
      const runs = new SmallRuns('--models logreg:2 --steps 3');
      await runs.prepare();
      const [coordinator, out] = runs.coordinator(server.url, 'native', [
        ...tensorflow.split(' '),
        '--workers',
        '2',
      ]);
      const serving = worker(server.url, ['--run-name', 'native', '--once', '--concurrency', '2']);
      expect((await coordinator.ended).status).toBe(0);
      expect((await serving.ended).status).toBe(0);
      expect((await written(out)).summary).toMatchObject({ engine: 'tfjs tensorflow', transport: 'nats' });
    });
  });
});
