/** @file The broadcast state in shared memory: one writer, many readers on other threads. A reader takes a private copy, which may happen while the writer writes (the
 *  late answer to a task that was asked twice): the version is odd meanwhile, and another one after. Source: a seqlock, Boehm 2012. */

const headerBytes = 8; // version, length

/** Room for states of up to `capacity` bytes. */
export const stateBuffer = (capacity: number): SharedArrayBuffer =>
  new SharedArrayBuffer(headerBytes + capacity);

/** Publishes `bytes`. @throws RangeError when they do not fit. */
export function publish(buffer: SharedArrayBuffer, bytes: Uint8Array): void {
  if (bytes.length > buffer.byteLength - headerBytes)
    throw new RangeError(
      `a state of ${bytes.length} bytes does not fit into ${buffer.byteLength - headerBytes}`,
    );
  const header = new Int32Array(buffer, 0, 2);
  Atomics.add(header, 0, 1);
  new Uint8Array(buffer, headerBytes).set(bytes);
  Atomics.store(header, 1, bytes.length);
  Atomics.add(header, 0, 1);
}

/** A reader: gives a private copy of the newest state, the same array as long as nothing new was published. */
export function reader(buffer: SharedArrayBuffer): () => Uint8Array {
  const header = new Int32Array(buffer, 0, 2);
  let version = -1;
  let copy: Uint8Array = new Uint8Array();
  return () => {
    // Not a load, which a processor may do before it has read the last bytes: nothing that is read before an atomic write may be newer than it.
    while (Atomics.add(header, 0, 0) !== version) {
      const newest = Atomics.load(header, 0) & ~1; // odd: being written; the copy is then taken again
      copy = new Uint8Array(buffer, headerBytes, Atomics.load(header, 1)).slice();
      version = newest;
    }
    return copy;
  };
}
