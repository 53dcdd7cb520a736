import { describe, expect, test } from 'vitest';
import { compared } from '../../src/evaluation/compare.ts';
import { stepSizes } from '../../src/evaluation/paces.ts';
import { type Asked, fakeDesk, markedState } from './desks.ts';

const scope = { protocols: ['schedule', 'converged'], baselines: true, randomDraws: 3 } as const;

/** Compares with made-up answers. */
async function run(correct: (question: Asked) => number, options = {}, asked = scope) {
  const desk = fakeDesk(options, correct);
  const { tables } = await compared(desk, markedState(desk.plan), asked);
  const rows = (protocol: string) => tables.find(table => table.protocol === protocol)!.rows;
  return { desk, rows, tables };
}

const isDistilled = ({ state }: Asked): boolean => state.images[0] === 7;
const single = ({ state }: Asked): number => Math.fround(state.eta[0]!);

test('all questions about test images come after the last one about held-out ones', async () => {
  const { desk } = await run(() => 50);
  const parts = desk.asked.map(({ part }) => part).join(' ');
  expect(parts).toMatch(/^(validation ?)+(test ?)+$/);
});

test('what the test images say changes no choice', async () => {
  const validation = ({ state, part }: Asked): number | undefined =>
    part === 'validation' ? Math.round(Math.abs(1000 * (state.images[5]! + state.eta[0]!))) % 100 : undefined;
  const one = await run(question => validation(question) ?? 1);
  const other = await run(
    question => validation(question) ?? (question.net * 37 + question.state.eta.length) % 100,
  );
  const asked = ({ desk }: typeof one): readonly unknown[] => desk.asked;
  expect(asked(other)).toEqual(asked(one));
  expect(one.rows('schedule').map(({ pace }) => pace)).toEqual(
    other.rows('schedule').map(({ pace }) => pace),
  );
});

describe('step sizes', () => {
  test.each(stepSizes)('%d, when it is best on held-out images', async size => {
    const { rows, desk } = await run(
      question => (question.part === 'validation' && single(question) === Math.fround(size) ? 80 : 20),
      { learnDecay: true },
    );
    expect(rows('schedule').map(({ name, pace }) => [name, pace])).toEqual([
      ['distilled', undefined],
      ['random', size],
      ['best-random', size],
      ['class-means', size],
      ['full', undefined],
    ]);
    const tested = desk.asked.filter(q => q.part === 'test' && q.recipe === 'schedule' && !isDistilled(q));
    for (const { state } of tested) {
      expect(new Set(state.eta)).toEqual(new Set([Math.fround(size)]));
      expect([...state.decay]).toEqual([0, 0, 0]);
    }
    expect(tested).toHaveLength(9);
  });

  test('the shipped ones, when they are, λ too', async () => {
    const { rows, desk } = await run(q => (single(q) === 0.5 ? 60 : 40), { learnDecay: true });
    expect(rows('schedule').flatMap(({ pace }) => pace ?? [])).toEqual(['shipped', 'shipped', 'shipped']);
    const tested = desk.asked.filter(q => q.part === 'test' && q.recipe === 'schedule');
    for (const { state } of tested) expect([...state.decay]).toEqual([0.125, 0.125, 0.125]);
  });

  test('of equals the shipped ones', async () => {
    const { rows } = await run(() => 50);
    expect(rows('schedule').find(({ name }) => name === 'random')!.pace).toBe('shipped');
  });

  test('under converged there is no choice of them', async () => {
    const { rows, desk } = await run(() => 50);
    expect(rows('converged').flatMap(({ pace }) => pace ?? [])).toEqual([]);
    const asked = desk.asked.filter(({ recipe, part }) => recipe === 'converged' && part === 'validation');
    expect(asked).toHaveLength(3 * 2); // three draws, two networks each
  });
});

test.each(['schedule', 'converged'] as const)(
  '%s: the draw that is best on held-out images is the one that is tested',
  async recipe => {
    const seen: string[] = [];
    const { desk } = await run(
      q => {
        const key = `${q.state.images}`;
        if (q.part === 'validation' && q.recipe === recipe && !seen.includes(key)) seen.push(key);
        return key === seen.at(-1) && q.part === 'validation' ? 90 : q.part === 'validation' ? 10 : 50;
      },
      {},
      { ...scope, protocols: [recipe] as never },
    );
    const validated = desk.asked
      .filter(({ part }) => part === 'validation')
      .map(({ state }) => `${state.images}`);
    const tested = desk.asked
      .filter(({ part, recipe: r }) => part === 'test' && r === recipe)
      .map(({ state }) => `${state.images}`);
    const [own, random, best] = [tested.slice(0, 3), tested.slice(3, 6), tested.slice(6, 9)];
    expect(new Set(own).size).toBe(1);
    expect(new Set(random).size).toBe(3); // each network has its own draw
    for (const draw of random) expect(validated).not.toContain(draw);
    expect(new Set(best).size).toBe(1);
    expect(validated).toContain(best[0]);
  },
);
