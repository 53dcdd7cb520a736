/** @file Which variants each case has, in the words that the peers' modules in python/ read; ` by ` says how one uses all cores. In: a case, and what is asked
 *  for. Out: ours, then the peers. */
import type { Peer, Variant } from './contender.ts';

export const names: Readonly<Record<Peer, string>> = {
  ours: 'ours',
  torch_eager: 'PyTorch eager',
  torch_compiled: 'torch.compile',
  jax_jit: 'JAX jit',
};

/** Variants by peer. `best` are timed each time: the fastest as `--all` found it (README.md), where two come close both, and beside a form that takes over our mathematics (`span`,
 *  `phases`) the fastest that does not. */
type Field = Readonly<
  Record<Exclude<Peer, 'ours'>, { readonly best: readonly string[]; readonly others: readonly string[] }>
>;

const fields: Readonly<Record<string, Field>> = {
  logreg: {
    torch_eager: {
      best: ['span conv', 'unroll conv'],
      others: ['formula conv', 'keep conv', 'recompute conv', 'jvp conv func', 'vjp conv func'],
    },
    torch_compiled: {
      best: ['whole span conv cpp', 'whole vjp conv cpp'],
      others: [
        'whole span conv',
        'whole formula conv cpp',
        'whole vjp conv',
        'pieces vjp conv',
        'pieces jvp conv',
      ],
    },
    jax_jit: {
      best: ['span conv', 'hand-unroll-vjp conv'],
      others: [
        'formula conv',
        'hand-unroll-jvp conv',
        'hand-scan-vjp conv',
        'hand-scan-jvp conv',
        'unroll conv',
        'scan conv',
        'checkpoint conv',
      ],
    },
  },
  'logreg × 8': {
    torch_eager: {
      best: ['span conv stacked', 'unroll conv stacked'],
      others: ['span conv vmap', 'formula conv stacked', 'keep conv stacked', 'unroll conv'],
    },
    torch_compiled: {
      best: ['whole span conv cpp vmap', 'whole vjp conv cpp vmap'],
      others: ['whole formula conv cpp vmap', 'whole span conv cpp', 'whole vjp conv cpp'],
    },
    jax_jit: {
      best: ['span conv vmap', 'hand-unroll-vjp conv vmap'],
      others: [
        'formula conv vmap',
        'unroll conv vmap',
        'scan conv vmap',
        'span conv',
        'hand-unroll-vjp conv',
      ],
    },
  },
  conv: {
    torch_eager: {
      best: ['unroll phases', 'unroll conv'],
      others: [
        'keep phases',
        'recompute phases',
        'jvp phases func',
        'keep conv',
        'recompute conv',
        'jvp conv func',
        'vjp conv func',
        'unroll written',
        'unroll conv last',
        'unroll patches',
      ],
    },
    torch_compiled: {
      best: ['pieces jvp phases', 'pieces vjp conv'],
      others: ['pieces vjp phases', 'pieces jvp phases cpp', 'pieces jvp conv', 'whole jvp phases cpp'],
    },
    jax_jit: {
      best: ['hand-unroll-jvp phases', 'hand-unroll-jvp patches'],
      others: [
        'hand-unroll-vjp phases',
        'hand-scan-jvp phases',
        'unroll phases',
        'hand-scan-jvp patches',
        'unroll patches',
        'hand-unroll-jvp conv',
        'hand-unroll-vjp conv',
        'hand-scan-vjp conv',
        'hand-scan-jvp conv',
        'unroll conv',
        'scan conv',
        'checkpoint conv',
      ],
    },
  },
  lenet: {
    torch_eager: {
      best: ['unroll conv'],
      others: [
        'keep conv',
        'recompute conv',
        'jvp conv func',
        'unroll conv last',
        'unroll written',
        'unroll patches',
        'unroll phases',
        'keep phases',
      ],
    },
    torch_compiled: {
      best: ['pieces vjp conv'],
      others: ['pieces jvp conv', 'pieces jvp phases', 'pieces vjp phases'],
    },
    jax_jit: {
      best: ['unroll patches', 'hand-unroll-vjp patches'],
      others: [
        'hand-unroll-jvp patches',
        'hand-unroll-jvp phases',
        'hand-scan-jvp phases',
        'hand-scan-jvp patches',
        'hand-unroll-jvp conv',
        'hand-unroll-vjp conv',
        'unroll conv',
        'scan conv',
      ],
    },
  },
  convnet: {
    torch_eager: {
      best: ['unroll conv'],
      others: [
        'keep conv',
        'recompute conv',
        'jvp conv func',
        'unroll conv last',
        'unroll written',
        'keep written',
        'unroll patches',
      ],
    },
    torch_compiled: {
      best: ['pieces vjp conv'],
      others: ['pieces jvp conv', 'pieces jvp written', 'pieces vjp written', 'pieces jvp patches'],
    },
    jax_jit: {
      best: ['unroll patches', 'hand-unroll-jvp patches'],
      others: [
        'hand-unroll-vjp patches',
        'hand-scan-jvp patches',
        'hand-unroll-jvp conv',
        'hand-unroll-vjp conv',
        'unroll conv',
        'scan conv',
      ],
    },
  },
  'conv × 8, all cores': {
    torch_eager: {
      best: ['unroll phases by processes', 'unroll conv by processes'],
      others: ['unroll phases by threads', 'unroll conv by threads'],
    },
    torch_compiled: {
      best: ['pieces jvp phases by processes', 'pieces vjp conv by processes'],
      others: ['pieces jvp phases by threads'],
    },
    jax_jit: {
      best: ['hand-unroll-jvp phases by processes', 'hand-unroll-jvp patches by processes'],
      others: [
        'hand-unroll-jvp phases by threads',
        'hand-unroll-jvp phases vmap by threads',
        'hand-unroll-jvp patches vmap by threads',
        'hand-unroll-jvp conv by threads',
        'hand-unroll-jvp conv by processes',
      ],
    },
  },
};

/** Whether a variant takes over our mathematics. */
export const isOurs = (variant: string): boolean => /\b(span|phases)\b/.test(variant);

/** How many times faster than each peer's best plain form ours is to be. */
export const bars: Readonly<Record<string, Readonly<Partial<Record<Peer, number>>>>> = {
  logreg: { torch_eager: 10, torch_compiled: 7, jax_jit: 2.5 },
  'logreg × 8': { torch_eager: 10, torch_compiled: 7, jax_jit: 3 },
  conv: { torch_eager: 4, torch_compiled: 3, jax_jit: 2.7 },
  lenet: { torch_eager: 2.5, torch_compiled: 2, jax_jit: 2 },
  convnet: { torch_eager: 2.5, torch_compiled: 2, jax_jit: 2 },
  'conv × 8, all cores': { torch_eager: 4, torch_compiled: 3, jax_jit: 2.7 },
};

/** The contenders of a case, first those of ours. */
export function variantsOf(
  name: string,
  asked: { readonly all: boolean; readonly engine: readonly string[] },
): Variant[] {
  const field = fields[name]!;
  const ours = asked.engine.map((variant): Variant => ({ peer: 'ours', variant, spread: 'processes' }));
  const peers = (Object.keys(field) as (keyof Field)[]).flatMap(peer =>
    [...field[peer].best, ...(asked.all ? field[peer].others : [])].map((text): Variant => {
      const [variant, spread = 'threads'] = text.split(' by ');
      return { peer, variant: variant!, spread: spread as 'threads' | 'processes' };
    }),
  );
  return [...ours, ...peers];
}

/** Float64 and the plainest form: what all results are held against. */
export const yardstick: Variant = {
  peer: 'torch_eager',
  variant: 'unroll conv',
  spread: 'threads',
  float64: true,
};
