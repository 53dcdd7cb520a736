/** @file What a safetensors file of ours says that it is, checked before anything else in it is believed: format, version, checksum. */
import { contentChecksum } from './contentChecksum.ts';
import { badFile } from './reading.ts';
import type { Safetensors } from './safetensors.ts';

/** A format of ours. `what`: a file of it, for messages. */
export interface Identity {
  readonly what: string;
  readonly format: string;
  /** Those that can be read. */
  readonly versions: readonly string[];
}

/** @throws DistillError 'bad-file' when the file is of another format or version, or its content is not the one that it was written with. */
export function checkIdentity(
  { tensors, metadata }: Safetensors,
  { what, format: expected, versions }: Identity,
  where: string,
): void {
  const { content_sha256: told, ...said } = metadata;
  const { format, format_version: version } = said;
  if (format !== expected)
    throw badFile(where, `${what} (metadata format "${expected}")`, format ? `"${format}"` : 'none');
  if (version === undefined || !versions.includes(version))
    throw badFile(where, `format version ${versions.join(' or ')}`, version ?? 'none', {
      fix: 'read it with the program that wrote it, or a newer one',
    });
  const counted = contentChecksum({ tensors, metadata: said });
  if (counted !== told) throw badFile(where, `content with sha256 ${told ?? '(none told)'}`, counted);
}
