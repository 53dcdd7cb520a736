/** @file Which room may import what. A path that ends in / is a room, one that ends in .ts a file; all below src/. */

/** For each room all that it may import besides packages. A room inside another obeys both. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  // What both sides know: random, graph → models → distillation, one way.
  'shared/': ['shared/'],
  'shared/random/': ['shared/random/'],
  'shared/graph/': ['shared/graph/'],
  'shared/models/': [
    'shared/models/',
    'shared/graph/',
    'shared/random/',
    'shared/artifacts/reading.ts', // own models are files
    'shared/artifacts/strictJson.ts',
    'shared/errors.ts',
  ],
  'shared/distillation/': ['shared/distillation/', 'shared/models/', 'shared/graph/'],
  'shared/messages/': ['shared/messages/', 'shared/errors.ts'],
  'shared/nats/': ['shared/nats/', 'shared/messages/', 'shared/config/', 'shared/errors.ts'],
  'shared/data/': [
    'shared/data/',
    'shared/random/',
    'shared/artifacts/atomic.ts',
    'shared/artifacts/npz.ts',
    'shared/errors.ts',
  ],
  'shared/artifacts/': ['shared/artifacts/', 'shared/data/types.ts', 'shared/errors.ts'],

  // The two sides never meet but in src/transport.ts and src/reproduce.ts.
  'coordinator/': ['coordinator/', 'shared/'],
  'coordinator/transports/': [
    'coordinator/',
    'shared/messages/',
    'shared/nats/',
    'shared/job/', // for workers that share no memory
    'shared/config/',
    'shared/errors.ts',
    'shared/exitGuard.ts', // who owns threads waits for them
  ],
  'worker/': ['worker/', 'shared/'],
  'worker/engines/': ['worker/engines/', 'shared/graph/', 'shared/errors.ts'],

  // What a set is worth beside other images: asks the coordinator's judge, knows no worker.
  'evaluation/': ['evaluation/', 'coordinator/', 'shared/'],

  // A run's snapshots as files: the coordinator hands them out and knows no file.
  'checkpoints/': ['checkpoints/', 'coordinator/', 'shared/'],

  // Readers of events and artifacts, and the command line.
  'report/': [
    'report/',
    'shared/artifacts/',
    'shared/data/types.ts',
    'shared/errors.ts',
    'coordinator/events.ts',
    'result.ts',
  ],
  'cli/': [
    'cli/',
    'report/',
    'checkpoints/',
    'index.ts',
    'shared/config/',
    'shared/artifacts/',
    'shared/errors.ts',
  ],
};

/** What a room may import as types only: at run time these would bring half the house along. */
export const typesOnly: readonly (readonly [room: string, file: string])[] = [
  ['report/', 'coordinator/events.ts'],
  ['report/', 'result.ts'],
  ['checkpoints/', 'coordinator/'],
  ['coordinator/transports/', 'shared/config/'],
];

/** Rooms that only people enter: no other room imports them. */
export const frontDoors: readonly string[] = ['cli/'];

/** Packages that a user may do without, and the one room that imports them: optional peer dependencies, so developers have them as well. */
export const optionalPeers: Readonly<Record<string, readonly string[]>> = {
  'worker/engines/tfjs/': ['core', 'node', 'backend-wasm', 'backend-cpu'].map(
    name => `@tensorflow/tfjs-${name}`,
  ),
};
