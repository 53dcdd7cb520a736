/** @file Options of the group 'nats': where workers on other machines are met. None of them decides a result, none is stored with one. Rules in schema.ts. */
import { z } from 'zod';

const file = (description: string) =>
  z.string().min(1).optional().meta({ group: 'nats', description, placeholder: 'FILE' });
const secret = (description: string) =>
  z.string().min(1).optional().meta({ group: 'nats', description, placeholder: 'text' });

/** A run's name is part of subjects and of streams' names. */
export const runNamePattern = /^[A-Za-z0-9_-]{1,64}$/;

export const natsOptions = {
  natsUrl: z.string().min(1).default('nats://127.0.0.1:4222').meta({
    group: 'nats',
    description: 'the NATS server, with JetStream; several with commas',
    placeholder: 'URL',
  }),
  runName: z.string().regex(runNamePattern, 'a name of at most 64 letters, digits, - and _').optional().meta({
    group: 'nats',
    description: 'name of the run on the server (one of its own; for a worker any run’s)',
    placeholder: 'name',
  }),
  natsUser: secret('user name'),
  natsPassword: secret('password (environment: DISTILL_CLUSTER_NATS_PASSWORD)'),
  natsToken: secret('token (environment: DISTILL_CLUSTER_NATS_TOKEN)'),
  natsCreds: file('credentials file (JWT and seed)'),
  natsNkey: file('file with an nkey seed'),
  natsCa: file('PEM of the authority that signed the server’s certificate: switches TLS on'),
  natsCert: file('PEM of our own certificate, where the server asks for one'),
  natsKey: file('PEM of its key'),
  natsPatience: z.number().min(1).max(86_400).default(120).meta({
    group: 'nats',
    description: 'seconds that a lost server may stay away before the run ends with exit code 3',
  }),
  mixedCpus: z.boolean().default(false).meta({
    group: 'nats',
    description: 'accept workers with another kind of CPU: the bytes then depend on who computed what',
  }),
};
