/** @file The command `pretrain`: networks that are trained already, as a file for --init pretrained:FILE. */
import { Command } from 'commander';
import { type Networks, pretrain, saveNetworks } from '../index.ts';
import type { OptionName } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { accuracyText } from './figures.ts';
import { addFlags, givenFlags, optionNames } from './flags.ts';
import { networkProgress } from './networkProgress.ts';
import { optionsOf } from './options.ts';
import { prepareFile } from './outputFile.ts';
import { downloading } from './progress.ts';
import { wholeNumber } from './wholeNumber.ts';

const flags: readonly OptionName[] = [
  ...optionNames('data', 'ensemble', 'execution', 'nats'),
  'seed',
  'evalLr',
  'evalMomentum',
];

interface Flags {
  readonly nets: string;
  readonly trainEpochs: string;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function pretrainCommand({ interruptions, stdout, stderr, now }: Context): Command {
  const command = new Command('pretrain')
    .description('train networks on the real training images and write them, for --init pretrained:FILE')
    .option('--config <FILE>', 'JSON file of options, or the directory of a run; flags win')
    .option('--nets <R>', 'networks of each architecture in --models; counts there do not matter', '30')
    .option('--train-epochs <E>', 'passes over the training images', '1')
    .option('--out <FILE>', 'where to write the networks', 'networks.safetensors')
    .option('--json', 'one JSON line on stdout, no progress')
    .option('--quiet', 'no progress, only the result');
  return addFlags(command, flags).action(async (_, self: Command) => {
    const { nets, trainEpochs, out, json, quiet } = self.opts<Flags>();
    const training = {
      nets: wholeNumber('--nets', nets, 'pretrain'),
      epochs: wholeNumber('--train-epochs', trainEpochs, 'pretrain'),
    };
    const options = await optionsOf(self, givenFlags(self));
    await prepareFile(out);
    const progress = networkProgress({ stream: stderr, now });
    const { signal } = interruptions;
    const loud = !json && !quiet;
    try {
      const networks = await pretrain(options, training, {
        signal,
        ...(loud && {
          onTrained: progress.trained,
          onDownload: download => stderr.write(`${downloading(download)}\n`),
        }),
      });
      progress.end();
      await saveNetworks(out, networks);
      stdout.write(json ? `${JSON.stringify({ out, ...figures(networks) })}\n` : report(networks, out));
    } finally {
      progress.end();
    }
  });
}

/** What was trained, by architecture. */
const figures = ({ architectures, epochs, seed }: Networks): object => ({
  epochs,
  seed,
  networks: Object.fromEntries(
    Object.entries(architectures).map(([name, { count, loss, accuracy }]) => [
      name,
      { count, loss, accuracy },
    ]),
  ),
});

function report({ architectures }: Networks, out: string): string {
  const names = Object.keys(architectures);
  const lines = Object.entries(architectures).map(
    ([name, { count, loss, accuracy }]) =>
      `${name}: test accuracy ${accuracyText(accuracy)} over ${accuracy.nets} of ${count} networks, loss ${loss.toPrecision(3)} in the last epoch`,
  );
  return `${[
    ...lines,
    'the test images were read once, after all training',
    `wrote ${out}: distill with --models ${names.join(',')} --init pretrained:${out}`,
  ].join('\n')}\n`;
}
