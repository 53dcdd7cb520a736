/** @file The architectures of a run: named ones, and models of the user's own, from their files or out of a distilled set. */
import type { DistilledSet } from '../artifacts/index.ts';
import {
  type Architecture,
  type Architectures,
  type Config,
  isPath,
  membersOf,
  namedArchitectures,
} from '../config/index.ts';
import type { DataSet } from '../data/index.ts';
import { DistillError } from '../errors.ts';
import { misfit, ownLayer, readModel, withClasses } from '../models/own/index.ts';

/** How a model of the user's own distils, until its user says otherwise. */
const usual = { temperature: 1, steps: 8000, decay: false };

/** The architectures that `config` names. `stored`: layers that need not be read, as a distilled set has them. Tells by `onNotice` what of a file has no effect.
 *  @throws DistillError 'bad-file' for a file that is no model, 'usage' for a model that does not fit the data. */
export async function architecturesOf(
  config: Config,
  { imageShape, classNames }: DataSet,
  stored: DistilledSet['architectures'] = {},
  onNotice: (message: string) => void = () => undefined,
): Promise<Architectures> {
  const classes = classNames.length;
  const own = async (path: string): Promise<Architecture> => {
    const known = stored[path];
    if (known !== undefined) {
      const layers = known.map((layer, i) => ownLayer(layer, `${path}, layer ${i}`));
      return { ...usual, layers: withClasses(layers, classes) };
    }
    const model = await readModel(path);
    const wrong = misfit(model, imageShape, classes);
    if (wrong !== undefined)
      throw new DistillError('usage', path, { ...wrong, fix: 'change the model, or name other data' });
    for (const notice of model.notices) onNotice(`${path}: ${notice}`);
    return { ...usual, layers: withClasses(model.layers, classes) };
  };
  const paths = [...new Set(membersOf(config.models).filter(isPath))];
  const entries = await Promise.all(paths.map(async path => [path, await own(path)] as const));
  return { ...namedArchitectures(config, classes), ...Object.fromEntries(entries) };
}
