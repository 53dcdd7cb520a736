/** @file The tensors of a file by name, each of the type and shape that it must have. In: a file's tensors. Out: arrays. Knows no format. */
import { badFile, type Safetensors } from '../shared/artifacts/index.ts';
import { showShape } from '../shared/artifacts/storedTensor.ts';

/** Sizes along the axes; undefined for any. */
type Form = readonly (number | undefined)[];

/** Readers that throw a DistillError 'bad-file' for a tensor that is missing, or of another type or shape than one of `forms`. */
export function tensorsIn({ tensors }: Safetensors, where: string) {
  const tensor = <T>(name: string, type: abstract new (...args: never) => T, forms: readonly Form[]): T => {
    const { shape = [], data } = tensors[name] ?? {};
    const fits = forms.some(
      form =>
        form.length === shape.length && form.every((size, i) => size === undefined || size === shape[i]),
    );
    if (fits && data instanceof type) return data;
    throw badFile(
      where,
      `a tensor ${name} of ${type.name} ${forms.map(form => showShape(form.map(size => size ?? Number.NaN))).join(' or ')}`.replaceAll(
        'NaN',
        'n',
      ),
      data === undefined ? 'none' : `${data.constructor.name} ${showShape(shape)}`,
    );
  };
  return {
    /** Of one axis. */
    floats: (name: string): Float32Array => tensor(name, Float32Array, [[undefined]]),
    doubles: (name: string, ...forms: Form[]): Float64Array => tensor(name, Float64Array, forms),
    /** A tensor of two axes as its rows. */
    rows: (name: string, count: number, size: number): Float32Array[] => {
      const all = tensor(name, Float32Array, [[count, size]]);
      return Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size));
    },
  };
}
