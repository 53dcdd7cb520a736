/** @file What a person sees while networks are trained. In: networks that are done. Out: one line that is written over on a terminal, a line every few seconds elsewhere. */
import type { NetworkTrained } from '../index.ts';
import { duration, type Sink, secondsBetweenLines } from './progress.ts';

export interface NetworkProgress {
  trained(event: NetworkTrained): void;
  /** Clears the line. */
  end(): void;
}

const clear = '\r\u001b[K';

/** Time left is reckoned from the pace since the start. */
export function networkProgress({ stream, now }: Sink): NetworkProgress {
  const began = now();
  let [last, open] = [Number.NEGATIVE_INFINITY, false];
  return {
    trained: ({ done, total, model, loss }) => {
      const left = ((now() - began) / done) * (total - done);
      const line = `network ${done}/${total}  ${model}  loss ${loss.toPrecision(3)}  ${duration(left / 1000)} left`;
      if (stream.isTTY) {
        stream.write(`${clear}${line}`);
        open = true;
      } else if (now() - last >= secondsBetweenLines * 1000) {
        stream.write(`${line}\n`);
        last = now();
      }
    },
    end: () => {
      if (open) stream.write(clear);
      open = false;
    },
  };
}
