/** @file One worker process, from its fork to its end. In: its file, and the frame that prepares it. Out: calls that settle whatever becomes of it. Knows no task and no
 *  other process. */
import { wrap } from 'comlink';
import { messageOf } from '../../../shared/errors.ts';
import { decodeReady, type ProcessCalls } from '../../../shared/messages/index.ts';
import { ipcEndpoint } from '../../../shared/messages/ipc.ts';
import { fork } from './fork.ts';

export interface Child {
  /** Settles when it can take tasks. @throws DistillError when it must not take part; anything else when it is lost. */
  readonly ready: Promise<void>;
  /** Never rejects: why it ended. */
  readonly ended: Promise<string>;
  /** Its answer to a frame. Rejects when it is lost; one that fails in any other way than by an answer is killed, as nobody knows what state it is in. */
  answer(frame: Uint8Array): Promise<Uint8Array>;
  /** Lets it go, by force when it does not go by itself. Of a process, unlike a thread, any moment can be the last. */
  release(): Promise<void>;
}

/** How long a process may take to end by itself. */
const patienceMs = 3000;

/** What is kept of its stderr, to say why it ended. */
const rememberedCharacters = 4096;

export function startChild(entry: URL, preparation: Uint8Array, execArgv?: readonly string[]): Child {
  const worker = fork(entry, execArgv);
  const child = worker.process;
  const calls = wrap<ProcessCalls>(ipcEndpoint(child));
  const pending = new Set<(error: Error) => void>(); // comlink's own calls to a dead process never settle
  let [why, stderr]: [string | undefined, string] = [undefined, ''];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-rememberedCharacters);
  });

  const ended = new Promise<string>(resolve => {
    const end = (reason: string): void => {
      why ??= reason;
      for (const reject of pending) reject(new Error(why));
      resolve(why);
    };
    child.once('exit', (code: number | null, signal: string | null) => {
      const last = (): string => [signal ?? `exit code ${code}`, ...errorsIn(stderr)].join(', ');
      if (child.stderr?.closed === false)
        child.stderr.once('close', () => end(last())); // what it said may still be on its way
      else end(last());
    });
    worker.on('error', error => {
      if (child.pid === undefined) end(messageOf(error)); // it could not be forked; a message that could not be sent comes here too
    });
  });

  const called = (call: (calls: ProcessCalls) => Promise<Uint8Array>): Promise<Uint8Array> =>
    new Promise<Uint8Array>((resolve, reject) => {
      if (why !== undefined) return reject(new Error(why));
      pending.add(reject);
      call(calls as unknown as ProcessCalls) // comlink's proxy has more, and the same calls
        .then(resolve, error => {
          why ??= messageOf(error);
          child.kill('SIGKILL');
          reject(error);
        })
        .finally(() => pending.delete(reject));
    });

  const listening = new Promise(resolve => child.once('message', resolve));
  const prepared = called(it => listening.then(() => it.prepare(preparation)));
  return {
    ready: prepared.then(decodeReady),
    ended,
    answer: frame => called(it => it.answer(frame)),
    release: async () => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The last line of `text` that begins as an error does, if any: 'TypeError: …', 'FATAL ERROR: …'. */
const errorsIn = (text: string): string[] =>
  text
    .split('\n')
    .filter(line => /^(fatal )?\w*error\b/i.test(line))
    .slice(-1);
