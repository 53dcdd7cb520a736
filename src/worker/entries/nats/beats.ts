/** @file Coordinators that are heard. In: their beats. Out: who leads which run at this moment. */
import { messageOf } from '../../../shared/errors.ts';
import { decodeNote, dropping, everyBeat, type Link, namesOf, runOf } from '../../../shared/nats/index.ts';

/** A run under one coordinator: `epoch` is another one when that is replaced. */
export interface Reign {
  readonly run: string;
  readonly epoch: string;
}

/** A coordinator that is silent for so long is gone: it beats every second. */
const silenceMs = 10_000;

export class Beats {
  private readonly heard = new Map<string, { readonly epoch: string; readonly at: number }>();

  /** Listens for one run, or for all. */
  constructor(link: Link, run: string | undefined, tell: (message: string) => void) {
    const subject = run === undefined ? everyBeat : namesOf(run).beat;
    const drop = dropping(tell, subject);
    link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return; // a right that we lack: the link ends of it
        try {
          const { type, epoch } = decodeNote(message.data, 'beat', 'end');
          const name = runOf(message.subject);
          if (type === 'beat') this.heard.set(name, { epoch, at: performance.now() });
          else if (this.heard.get(name)?.epoch === epoch) this.heard.delete(name);
        } catch (cause) {
          drop(messageOf(cause));
        }
      },
    });
  }

  /** Whether that coordinator leads that run. */
  leads({ run, epoch }: Reign): boolean {
    const last = this.heard.get(run);
    return last?.epoch === epoch && performance.now() - last.at < silenceMs;
  }

  /** A run that somebody leads, but for those of `epochs`. */
  any(except: ReadonlySet<string>): Reign | undefined {
    for (const [run, { epoch }] of this.heard)
      if (!except.has(epoch) && this.leads({ run, epoch })) return { run, epoch };
    return undefined;
  }
}
