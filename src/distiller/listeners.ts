/** @file The host's listeners to what a distiller tells. In: functions by name, news. Out: calls of those functions. A listener that fails harms nobody else. */

import { messageOf } from '../shared/errors.ts';
import type { Listened, News, Told } from './messages.ts';

export type Listeners = { readonly [L in keyof Told]?: (value: Told[L]) => unknown };

/** Those that are there. */
export const listenersOf = (listeners: Listeners): Listened =>
  (['onEvent', 'onDownload', 'onNotice'] as const).filter(name => listeners[name] !== undefined);

/** Hands news to the listeners, in order. The first failure is told in a process warning, also one of a promise, which is not waited for: an error thrown from here would be
 *  lost on the way, or end a host for a fault in what it merely watches with. */
export function teller(listeners: Listeners): (news: readonly News[]) => void {
  let warned = false;
  const warn = (name: string, error: unknown): void => {
    if (!warned)
      process.emitWarning(`${name} threw: ${messageOf(error)}; the run goes on`, 'DistillerWarning');
    warned = true;
  };
  return news => {
    for (const { to, value } of news)
      try {
        const returned = (listeners[to] as ((value: unknown) => unknown) | undefined)?.(value);
        if (returned instanceof Promise) returned.catch(error => warn(to, error));
      } catch (error) {
        warn(to, error);
      }
  };
}
