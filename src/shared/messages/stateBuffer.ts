/** @file The broadcast state in shared memory: one writer, many readers on other threads. The writer writes only while no reader computes, so a version
 *  number is all the protocol there is. */

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
    const newest = Atomics.load(header, 0);
    if (newest !== version) {
      version = newest;
      copy = new Uint8Array(buffer, headerBytes, Atomics.load(header, 1)).slice();
    }
    return copy;
  };
}
