/** @file The images of the baselines, and what of them is left out. In: a desk. Out: material for every architecture. */
import type { Material } from './baselines.ts';
import { centresIn } from './centres.ts';
import type { Desk } from './exam.ts';
import { RealImages } from './realImages.ts';
import { slotsOf } from './slots.ts';

/** @throws DistillError 'bad-data' when a class has no training image; the signal's reason when it aborts. */
export async function materialFor(
  { job, plan, signal, onProgress }: Desk,
  randomDraws: number,
): Promise<Material & { readonly notes: readonly string[] }> {
  const real = new RealImages(job, plan);
  const slots = slotsOf(plan);
  if (slots === undefined)
    return {
      real,
      slots,
      fixed: [],
      randomDraws,
      notes: [`class means and k-means are left out: ${plan.images} images for ${plan.classes} classes`],
    };
  const means = { name: 'class-means', set: real.meansIn(slots) } as const;
  if (plan.images === plan.classes)
    return {
      real,
      slots,
      fixed: [means],
      randomDraws,
      notes: ['k-means: with one image per class its centres are the class means'],
    };
  onProgress?.('clustering');
  const centres = { name: 'k-means', set: await centresIn(real, slots, signal) } as const;
  return { real, slots, fixed: [means, centres], randomDraws, notes: [] };
}
