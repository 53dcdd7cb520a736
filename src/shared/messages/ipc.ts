/** @file The channel between a process and its child as an endpoint of comlink. In: either end of it. Out: what comlink speaks through. Its messages go as they are, which
 *  needs the serialization 'advanced'; a message to an end that is gone is dropped. Knows no message. Source: comlink's node-adapter, for message ports. */
import type { ChildProcess } from 'node:child_process';
import type { Endpoint } from 'comlink';

/** `peer`: the child, for its parent; `process`, for the child. */
export function ipcEndpoint(peer: ChildProcess | NodeJS.Process): Endpoint {
  const heard = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: message => {
      // Who waits for an answer watches the peer's end; comlink itself writes once more when an object of a dead peer is collected.
      if (peer.connected) peer.send!(message, undefined, undefined, () => undefined);
    },
    addEventListener: (_, listener) => {
      const hear = (data: unknown): void => {
        const event = { data } as MessageEvent;
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      };
      heard.set(listener, hear);
      peer.on('message', hear);
    },
    removeEventListener: (_, listener) => {
      const hear = heard.get(listener);
      if (hear === undefined) return;
      heard.delete(listener);
      peer.off('message', hear);
    },
  };
}
