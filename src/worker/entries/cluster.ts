/** @file Where a worker process begins: it is deaf to what is meant for the coordinator before it loads anything, which takes a while. */

// Ctrl-C reaches every process of the terminal's group: the coordinator drains, and then lets this one go.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit()); // let go, or the coordinator is no more

await import('./clusterWorker.ts');

export {};
