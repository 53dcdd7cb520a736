/** @file Options of the group 'execution': where it is computed. Rules in schema.ts. */
import { z } from 'zod';

export const executionOptions = {
  workers: z.int().min(1).max(1024).optional().meta({
    group: 'execution',
    description: 'workers on this machine (all available cores); with nats: how many to wait for (1)',
  }),
  transport: z
    .enum(['threads', 'cluster', 'nats', 'inline'])
    .default('threads')
    .meta({ group: 'execution', description: 'how workers are reached' }),
  engine: z
    .enum(['onnx', 'reference'])
    .default('onnx')
    .meta({ group: 'execution', description: 'what computes the gradients' }),
};
