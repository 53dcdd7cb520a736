import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publish, reader, stateBuffer } from '../../../src/shared/messages/index.ts';

const state = fc.uint8Array({ maxLength: 20 });

describe('the state in shared memory', () => {
  test('every reader gives what was published last, whenever it began', () =>
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), states => {
        const buffer = stateBuffer(20);
        const early = reader(buffer);
        for (const bytes of states) {
          publish(buffer, bytes);
          expect(early()).toEqual(bytes);
          expect(reader(buffer)()).toEqual(bytes);
        }
      }),
    ));

  test('the same array is given as long as nothing new is published, and a new one after, even of equal bytes', () => {
    const buffer = stateBuffer(4);
    const read = reader(buffer);
    publish(buffer, Uint8Array.of(1, 2));
    const first = read();
    expect(read()).toBe(first);
    publish(buffer, Uint8Array.of(1, 2));
    expect(read()).not.toBe(first);
    expect(read()).toEqual(first);
  });

  test('what was read is a private copy: the next state does not change it', () => {
    const buffer = stateBuffer(4);
    publish(buffer, Uint8Array.of(1, 2, 3));
    const first = reader(buffer)();
    publish(buffer, Uint8Array.of(9, 9, 9, 9));
    expect([...first]).toEqual([1, 2, 3]);
    expect(first.buffer).toBeInstanceOf(ArrayBuffer);
  });

  test('before the first state there are no bytes', () => {
    expect(reader(stateBuffer(4))()).toHaveLength(0);
  });

  test('a state that is too large is refused, and the last one stays', () => {
    const buffer = stateBuffer(2);
    publish(buffer, Uint8Array.of(1, 2));
    expect(() => publish(buffer, new Uint8Array(3))).toThrow('a state of 3 bytes does not fit into 2');
    expect([...reader(buffer)()]).toEqual([1, 2]);
  });
});
