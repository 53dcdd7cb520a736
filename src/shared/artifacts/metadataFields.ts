/** @file Kinds of metadata strings that the safetensors files here have in common: plain text, checksums, JSON. */
import { z } from 'zod';
import { messageOf, oneLine } from '../errors.ts';

/** A string that holds JSON of `schema`. */
export const json = <T extends z.ZodType>(schema: T) =>
  z.codec(z.string(), schema, {
    decode: (text, context) => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.issues.push({ code: 'custom', input: text, message: oneLine(messageOf(error), 100) });
        return z.NEVER;
      }
    },
    encode: value => JSON.stringify(value),
  });

export const text = z.string().max(10_000);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** Layers of architectures by name. */
export const layersByName = z.record(z.string(), z.array(z.looseObject({ layer: text })).max(10_000));
/** Of a data set: its name, and the checksum of its files. */
export const dataSource = z.object({ name: text, sha256 });
/** Per channel, of real pixels scaled to [0, 1]. */
export const normalisation = z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) });
export const classNames = z.array(text).min(1).max(100_000);
