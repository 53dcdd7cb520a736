/** @file One checksum over all that a safetensors file means: metadata and tensors, whatever the order and blanks of its header. */
import { createHash } from 'node:crypto';
import type { Safetensors } from './safetensors.ts';
import { bytesOf, elementTypeOf } from './storedTensor.ts';

/** sha256 (hex) over, in order of name: each metadata name and value, then each tensor's name, dtype, shape (`2,28,28,1`) and bytes; every
 *  part but the bytes is UTF-8 and followed by a zero byte. */
export function contentChecksum({ tensors, metadata }: Safetensors): string {
  const hash = createHash('sha256');
  const tell = (...parts: string[]) => hash.update(parts.map(part => `${part}\0`).join(''));
  for (const name of Object.keys(metadata).sort()) tell(name, metadata[name]!);
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!;
    tell(name, elementTypeOf(tensor), tensor.shape.join(','));
    hash.update(bytesOf(tensor));
  }
  return hash.digest('hex');
}
