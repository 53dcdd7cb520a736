/** @file How a worker thread starts. The pool loads its file by `require`; of an ES module Node then makes one synchronous load, and a process that exits in the middle of that
 *  aborts (Node 20.20: two of 120 exits at the start of a run). This one only begins the usual, asynchronous load of threads.ts. */
const worker = import('./threads.ts');

export = async (task: never): Promise<Uint8Array> => (await worker).default(task);
