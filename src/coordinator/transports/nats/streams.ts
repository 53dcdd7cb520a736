/** @file What a run keeps on the server: a work queue of tasks, the newest state, and who leads the run. In: a link. Out: streams that are there, and a claim. Made again after a
 *  server that lost them came back: all of it lies in the server's memory. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanos } from '@nats-io/transport-node';
import { DistillError } from '../../../shared/errors.ts';
import {
  decodeNote,
  deniedIn,
  encodeNote,
  type Link,
  type Names,
  type Note,
} from '../../../shared/nats/index.ts';

/** Makes the streams and the consumer if they are not there.
 *  @param ackWaitMs   after so long without a sign of life a task goes to another worker */
export async function makeStreams({ streams }: Link, names: Names, ackWaitMs: number): Promise<void> {
  const memory = { storage: 'memory', num_replicas: 1 } as const;
  await streams.streams.add({ ...memory, name: names.tasks, subjects: [names.task], retention: 'workqueue' });
  await streams.streams.add({
    ...memory,
    name: names.kept,
    subjects: [names.state, names.claim],
    retention: 'limits',
    max_msgs_per_subject: 1,
    allow_direct: true,
  });
  await streams.consumers.add(names.tasks, {
    durable_name: names.consumer,
    ack_policy: 'explicit',
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1, // counted by the workers: three are enough
    max_ack_pending: 65_536,
  });
}

/** Removes all that a run keeps there. */
export async function dropStreams({ streams }: Link, names: Names): Promise<void> {
  const all = [names.tasks, names.kept, `OBJ_${names.bucket}`];
  await Promise.all(all.map(name => streams.streams.delete(name).catch(() => false)));
}

/** The right to lead a run. */
export interface Claim {
  /** Carried by all that is said under it. */
  readonly epoch: string;
  /** Claims again what a server has lost. @throws DistillError 'usage' when another coordinator leads by now. */
  renew(): Promise<void>;
}

/** A coordinator that claimed a run answers after so long at most. */
const answersAfterMs = 300;

/** Claims run `run`. Left-overs of a coordinator that is gone are purged. @throws DistillError 'usage' when one leads already. */
export async function claimRun(link: Link, names: Names, run: string): Promise<Claim> {
  const last = async () =>
    streamed(link.streams.direct.getMessage(names.kept, { last_by_subj: names.claim }));
  const before = await last();
  const asked = performance.now();
  let leader = await leaderOf(link, names);
  const silent = performance.now() - asked > answersAfterMs; // it listens, but stands still
  if (leader === undefined && before !== null && !silent) {
    await sleep(answersAfterMs); // it may have claimed the run a moment ago
    leader = await leaderOf(link, names);
  }
  if (leader !== undefined) throw taken(run, named(leader));
  const epoch = randomUUID();
  const note = encodeNote({ type: 'leader', epoch, host: hostname(), pid: process.pid });
  const publish = async (after: number): Promise<void> => {
    await link.messages.publish(names.claim, note, { expect: { lastSubjectSequence: after } });
  };
  await publish(before?.seq ?? 0).catch(async error => {
    const winner = leaderIn(await last());
    if (winner === undefined || winner.epoch === epoch) throw error;
    throw taken(run, `${named(winner)}, that claimed it at the same time`);
  });
  await link.streams.streams.purge(names.tasks);
  return {
    epoch,
    renew: async () => {
      const found = await last();
      const held = leaderIn(found);
      if (held === undefined) return publish(found?.seq ?? 0); // lost, or overwritten by what is no claim
      if (held.epoch !== epoch) throw taken(run, `${named(held)}, that took over`);
    },
  };
}

/** The coordinator that answers for the run, if there is one. */
async function leaderOf({ connection }: Link, names: Names) {
  try {
    const { data } = await connection.request(names.lead, undefined, { timeout: 2000 });
    return decodeNote(data, 'leader');
  } catch (error) {
    if (deniedIn(error)) throw error;
    return undefined; // nobody listens, or nobody that answers
  }
}

/** What `found` says of who leads; undefined when it is no such word. */
function leaderIn(found: { readonly data: Uint8Array } | null): Note<'leader'> | undefined {
  try {
    return found === null ? undefined : decodeNote(found.data, 'leader');
  } catch {
    return undefined;
  }
}

const named = ({ host, pid }: Note<'leader'>): string => `one on ${host}, process ${pid}`;

/** A message that a stream keeps, null when there is none, or no stream. */
async function streamed<T>(asked: Promise<T | null>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (deniedIn(error)) throw error;
    return null;
  }
}

const taken = (run: string, found: string): DistillError =>
  new DistillError('usage', `run ${run}`, {
    expected: 'a run that no other coordinator leads',
    found,
    fix: 'end that one, or choose another --run-name',
  });
