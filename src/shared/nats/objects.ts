/** @file Objects larger than a message, in the run's object store. In: names and bytes. Out: objects, and back. Read by single messages, not by a consumer: whoever may make a
 *  consumer may have the server write on any subject, so no worker needs that right. */
import { Objm } from '@nats-io/obj';
import { z } from 'zod';
import { foreign } from '../messages/index.ts';
import type { Link } from './link.ts';

/** What an object store says of an object, as far as it is read here. A link to another object is none of ours. */
const Info = z.object({
  nuid: z.string().regex(/^[A-Za-z0-9]{1,40}$/),
  size: z.int().min(0),
  chunks: z.int().min(0),
  deleted: z.boolean().optional(),
  options: z.object({ link: z.undefined().optional() }).optional(),
});

/** The bytes of object `name`, or undefined when there is none. The bytes are not checked further: every name says, or goes with, what they must be.
 *  @throws RangeError for one of more than `limit` bytes, DistillError 'bad-file' for one that is none of ours. */
export async function getObject(
  { streams }: Link,
  bucket: string,
  name: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const stream = `OBJ_${bucket}`;
  const told = await streams.direct.getMessage(stream, { last_by_subj: metaSubject(bucket, name) });
  if (told === null) return undefined;
  const { data: info, error } = Info.safeParse(jsonOf(told.data));
  if (error) throw foreign('object', `${error.issues[0]!.path.join('.') || 'value'}: another one`);
  if (info.deleted) return undefined;
  if (info.size > limit) throw new RangeError(`an object of ${info.size} bytes, more than ${limit}`);
  const chunks: Uint8Array[] = [];
  const next_by_subj = `$O.${bucket}.C.${info.nuid}`;
  for (let [seq, size] = [1, 0]; size < info.size; ) {
    const chunk = await streams.direct.getMessage(stream, { seq, next_by_subj });
    if (chunk === null) return undefined; // removed meanwhile
    size += chunk.data.length;
    if (size > info.size) throw foreign('object', `more than its ${info.size} bytes`);
    chunks.push(chunk.data);
    seq = chunk.seq + 1;
  }
  return Buffer.concat(chunks);
}

/** Puts `bytes` as object `name` into the bucket, which is made if it is not there. One that is there stays as it is: a name stands for its bytes, and writing them again would take
 *  the old ones from under whoever is reading. Kept in the server's memory. */
export async function putObject(
  { messages, messageBytes }: Link,
  bucket: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const store = await new Objm(messages).create(bucket, { storage: 'memory' });
  const there = await store.info(name);
  if (there !== null && !there.deleted) return;
  // as large as they may be: each costs the reader one way to the server and back
  const options = { max_chunk_size: messageBytes };
  await store.putBlob({ name, options }, bytes, { timeout: 30_000 });
}

/** Removes object `name`, if it is there. */
export async function dropObject({ messages }: Link, bucket: string, name: string): Promise<void> {
  const store = await new Objm(messages).open(bucket);
  await store.delete(name).catch(() => undefined);
}

/** As object stores write it: base64 for URLs, padded. */
const metaSubject = (bucket: string, name: string): string =>
  `$O.${bucket}.M.${Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
