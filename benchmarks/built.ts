/** @file The built program: worker threads and command lines live in dist/, and a plain Node runs what a user runs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = new URL('../dist/', import.meta.url);
if (!existsSync(root)) throw new Error("dist/ is missing: run 'npm run build' first");

/** A module of dist/, typed as its source: `built<typeof import('../src/x.ts')>('x.js')`. */
export const built = <Module>(path: string): Promise<Module> =>
  import(new URL(path, root).href) as Promise<Module>;

/** The command line's file. */
export const program = fileURLToPath(new URL('cli/main.js', root));

/** What children/NAME.mjs, in a fresh process without any loader, answers to `question`: both plain data. */
export async function answerOf<Answer>(name: string, question: object): Promise<Answer> {
  const file = fileURLToPath(new URL(`children/${name}.mjs`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(question)]);
  return JSON.parse(stdout) as Answer;
}

/** Answers of `runs` processes, one after the other. */
export async function answersOf<Answer>(name: string, question: object, runs: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < runs; i++) answers.push(await answerOf<Answer>(name, question));
  return answers;
}
