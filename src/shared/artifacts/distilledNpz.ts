/** @file The same distilled set as `.npz`, for NumPy alone: no library reads safetensors everywhere. Written only; ours is the safetensors file. */
import { type DistilledSet, tensorsOf } from './distilledSet.ts';
import { encodeNpz } from './npz.ts';

/** `images` (M, H, W, C), `labels` (M, K), `eta` (), (N) or (N, L), `decay` alike where there is one, `mean` and `std` (C), `inner_steps` (), `inner_epochs` (); class names
 *  as UTF-8 bytes, one per line. */
export function distilledNpz(set: DistilledSet): Uint8Array {
  const { mean, std } = set.normalisation;
  const classNames = new TextEncoder().encode(set.classNames.join('\n'));
  return encodeNpz({
    ...tensorsOf(set),
    mean: { shape: [mean.length], data: Float32Array.from(mean) },
    std: { shape: [std.length], data: Float32Array.from(std) },
    inner_steps: { shape: [], data: Int32Array.of(set.schedule.inner_steps) },
    inner_epochs: { shape: [], data: Int32Array.of(set.schedule.epochs) },
    class_names: { shape: [classNames.length], data: classNames },
  });
}
