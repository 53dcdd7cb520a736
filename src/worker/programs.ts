/** @file Compiled graphs, each made when it is first needed, run on values by name. */
import type { Graph } from '../shared/graph/index.ts';
import type { Compiled, Engine, Numbers } from './engines/engine.ts';

/** Values of a graph's inputs by name; more may be given than it takes. */
export type Values<Name extends string> = Readonly<Partial<Record<Name, Float32Array>>>;

/** A compiled graph; `room` as of `Compiled.run`. @throws RangeError when a value that it takes is not given. */
export type Program<Name extends string = string> = (
  values: Values<Name>,
  room?: readonly Float32Array[],
) => Promise<readonly Numbers[]>;

/** The same for several lanes, which lie one after the other in those values that each has for itself, and in `room`. Gives the outputs of each lane. */
export type LanesProgram = (
  values: Values<string>,
  room?: readonly Float32Array[],
) => Promise<readonly (readonly Numbers[])[]>;

/** Programs of one engine by key. */
export class Programs {
  private readonly known = new Map<string, Promise<Program>>();

  constructor(private readonly engine: Engine) {}

  /** The program of `key`, built the first time. */
  get(key: string, build: () => Graph): Promise<Program> {
    return this.kept(key, build, graph => this.engine.compile(graph));
  }

  /** The program of `key` for `lanes` lanes, each with values of its own for the inputs `own`: in one call where the engine can, else one after the other. */
  async ofLanes(
    key: string,
    build: () => Graph,
    lanes: number,
    own: ReadonlySet<string>,
  ): Promise<LanesProgram> {
    if (lanes === 1) {
      const alone = await this.get(key, build);
      return async (values, room) => [await alone(values, room)];
    }
    const { compileLanes } = this.engine;
    const each = Array.from({ length: lanes }, (_, lane) => lane);
    if (compileLanes !== undefined) {
      const together = await this.kept(`${key} × ${lanes}`, build, graph => compileLanes(graph, lanes, own));
      return async (values, room) => {
        const results = await together(values, room);
        return each.map(lane => results.map(all => partOf(all, lane, lanes)));
      };
    }
    const alone = await this.get(key, build);
    return async (values, room) => {
      const results: (readonly Numbers[])[] = [];
      for (const lane of each) {
        const given = Object.entries(values).map(([name, all]) => [
          name,
          own.has(name) && all ? partOf(all, lane, lanes) : all,
        ]);
        results.push(
          await alone(
            Object.fromEntries(given),
            room?.map(all => partOf(all, lane, lanes)),
          ),
        );
      }
      return results;
    };
  }

  private kept(
    key: string,
    build: () => Graph,
    compile: (graph: Graph) => Promise<Compiled>,
  ): Promise<Program> {
    const program = this.known.get(key) ?? compiled(build(), compile);
    this.known.set(key, program);
    return program;
  }
}

async function compiled(graph: Graph, compile: (graph: Graph) => Promise<Compiled>): Promise<Program> {
  const { run } = await compile(graph);
  return (values, room) =>
    run(
      graph.inputs.map(({ name }) => {
        const value = values[name];
        if (value === undefined) throw new RangeError(`no value for the input ${name}`);
        return value;
      }),
      room,
    );
}

/** Part number `part` of as many, all of one size: a view. */
export const partOf = <V extends Numbers>(values: V, part: number, parts: number): V => {
  const size = values.length / parts;
  return values.subarray(part * size, (part + 1) * size) as V; // of the same kind, which its type forgets
};
