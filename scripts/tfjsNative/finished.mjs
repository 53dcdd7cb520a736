/** @file A program run to its end. Its output is shown only where it failed. */
import { spawnSync } from 'node:child_process';

/** What the program printed. @throws Error in one line when it is not there or failed: its name and its own last line. */
export function finished(program, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    ...options,
  });
  if (error !== undefined)
    throw new Error(`${program} could not be run (${error.message}); install it, and put it on the PATH`);
  if (status === 0) return stdout;
  const last = `${stdout}\n${stderr}`
    .trim()
    .split('\n')
    .filter(line => /error|cannot|fail|not found/i.test(line))
    .at(-1);
  throw new Error(
    `${[program, ...args].slice(0, 4).join(' ')} … failed: ${last?.trim() ?? `exit code ${status}`}`,
  );
}
