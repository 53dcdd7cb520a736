import { expect, test } from 'vitest';
import { describe as describeOption, kebab } from '../../src/cli/flags.ts';
import { groups, jsonSchema, type OptionName, Options } from '../../src/shared/config/index.ts';

/** docs/options.md and docs/config.schema.json are written from the schema: `vitest -u` rewrites them, without it a difference is red. */
test('docs/options.md says what the schema says', async () => {
  const names = Object.keys(Options.shape) as OptionName[];
  const sections = (Object.keys(groups) as (keyof typeof groups)[]).map(group => {
    const rows = names.filter(name => describeOption(name).meta.group === group).map(row);
    return `## ${groups[group]}\n| flag | in a config file | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  const head =
    '# Options\n\nWritten from `src/shared/config/schema.ts`; docs/config.schema.json is the same for editors. Flags win over --config FILE, that over --preset.\n';
  await expect([head, ...sections].join('\n')).toMatchFileSnapshot('../../docs/options.md');
});

test('docs/config.schema.json is the schema', async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../docs/config.schema.json',
  );
});

function row(name: OptionName): string {
  const { meta, fallback, kind, choices } = describeOption(name);
  const flag =
    kind === 'boolean'
      ? meta.off !== undefined
        ? `--[no-]${kebab(name)}`
        : `--${kebab(name)}`
      : `--${kebab(name)} ${meta.placeholder ?? (kind === 'number' ? 'n' : 'name')}`;
  const meaning = `${meta.description}${meta.off ? `; without: ${meta.off}` : ''}${choices ? `: ${choices.join(', ')}` : ''}`;
  return `| \`${flag}\` | \`${name}\` | ${fallback ?? ''} | ${meaning} |`;
}
