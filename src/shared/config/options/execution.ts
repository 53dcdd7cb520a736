/** @file Options of the group 'execution': where it is computed. Rules in schema.ts. */
import { z } from 'zod';
import { intervalPattern } from '../interval.ts';

export const executionOptions = {
  workers: z.int().min(1).max(1024).optional().meta({
    group: 'execution',
    description: 'worker threads or processes (all available cores); with nats: how many to wait for (1)',
  }),
  transport: z.enum(['threads', 'cluster', 'nats', 'inline']).default('threads').meta({
    group: 'execution',
    description: 'what the workers are: threads, processes (cluster), other machines (nats), none (inline)',
  }),
  engine: z
    .enum(['native', 'onnx', 'reference'])
    .default('onnx')
    .meta({ group: 'execution', description: 'what computes the gradients' }),
  checkpointEvery: z
    .union([z.int().min(0).max(100_000_000), z.string().regex(intervalPattern)])
    .default('30s')
    .meta({
      group: 'execution',
      placeholder: 'EVERY',
      description: 'checkpoints to go on from: every so many outer steps, or 30s, 5m, 1h; never, or 0: none',
    }),
};
