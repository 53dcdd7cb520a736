import { describe, expect, test } from 'vitest';
import { type Options, planOf, resolveConfig } from '../../../src/shared/config/index.ts';
import { targetsOf } from '../../../src/shared/config/targets.ts';
import { dataSet, smallJob } from './jobs.ts';
import { usageError } from './usageError.ts';

const targets = (options: Options): number[] => targetsOf(resolveConfig(options), dataSet(1, 1));

describe('what the images of classes one, two and three are to be taken for', () => {
  test.each<[string, Options, number[]]>([
    ['themselves', {}, [0, 1, 2]],
    ['one for three', { attackFrom: 'one', attackTo: 'three' }, [2, 1, 2]],
    ['three for two', { attackFrom: 'three', attackTo: 'two' }, [0, 1, 1]],
  ])('%s', (_, options, expected) => {
    expect(targets(options)).toEqual(expected);
    expect(planOf(smallJob(options)).targets).toEqual(expected);
  });

  test.each<[string, Options, string]>([
    [
      'from an unknown class',
      { attackFrom: 'tow', attackTo: 'one' },
      "attackFrom: expected one of one, two, three, found 'tow'; did you mean two?",
    ],
    [
      'to an unknown class',
      { attackFrom: 'one', attackTo: 'thre' },
      "attackTo: expected one of one, two, three, found 'thre'; did you mean three?",
    ],
    [
      'by number',
      { attackFrom: '0', attackTo: 'one' },
      "attackFrom: expected one of one, two, three, found '0'",
    ],
    ['by another name', { attackFrom: 'One', attackTo: 'two' }, "found 'One'; did you mean one?"],
  ])('an attack is refused %s', (_, options, message) => {
    expect(usageError(() => targets(options))).toContain(message);
    expect(usageError(() => planOf(smallJob(options)))).toContain(message);
  });
});
