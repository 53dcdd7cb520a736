/** @file The table of rooms as rules for dependency-cruiser, and a cruise under them. */
import { fileURLToPath } from 'node:url';
import {
  cruise,
  type DependencyType,
  type ICruiseOptions,
  type ICruiseResult,
  type IForbiddenRuleType,
} from 'dependency-cruiser';
import { frontDoors, optionalPeers, rooms, typesOnly } from './rooms.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const below = (paths: readonly string[]): string =>
  `^src/(${paths.map(path => path.replaceAll('.', '\\.') + (path.endsWith('.ts') ? '$' : '')).join('|')})`;

const notDependencies: DependencyType[] = ['npm-dev', 'npm-unknown', 'npm-no-pkg', 'undetermined'];

export const rules: readonly IForbiddenRuleType[] = [
  ...Object.entries(rooms).map(
    ([room, may]): IForbiddenRuleType => ({
      name: `what ${room} may import`,
      severity: 'error',
      from: { path: below([room]) },
      to: { path: '^src/', pathNot: below(may) },
    }),
  ),
  ...typesOnly.map(
    ([room, file]): IForbiddenRuleType => ({
      name: `${room} sees ${file} as types only`,
      severity: 'error',
      from: { path: below([room]) },
      to: { path: below([file]), dependencyTypesNot: ['type-only'] },
    }),
  ),
  {
    name: 'nobody imports a front door',
    severity: 'error',
    from: { path: '^src/', pathNot: below(frontDoors) },
    to: { path: below(frontDoors) },
  },
  { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'the program runs on its dependencies alone',
    severity: 'error',
    from: { path: '^src/', pathNot: below(Object.keys(optionalPeers)) },
    to: { dependencyTypes: notDependencies },
  },
  ...Object.entries(optionalPeers).map(
    ([room, packages]): IForbiddenRuleType => ({
      name: 'the program runs on its dependencies alone',
      severity: 'error',
      from: { path: below([room]) },
      to: { dependencyTypes: notDependencies, pathNot: `^node_modules/(${packages.join('|')})/` },
    }),
  ),
  { name: 'every import is there', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'src stands alone',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|benchmarks|examples)/' },
  },
];

/** One line per violation under `baseDirectory`/src, `rule: from → to`; and how many files were seen. */
export async function violations(baseDirectory: string): Promise<{ found: string[]; files: number }> {
  const options: ICruiseOptions = {
    baseDir: baseDirectory,
    validate: true,
    ruleSet: { forbidden: [...rules] },
    tsPreCompilationDeps: true, // types too
    doNotFollow: { path: 'node_modules' },
  };
  const resolveOptions = {
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default', 'types'],
  };
  const { output } = await cruise(['src'], options, resolveOptions);
  const { summary, modules } = output as ICruiseResult;
  return {
    found: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    files: modules.filter(({ source }) => source.startsWith('src/')).length,
  };
}
