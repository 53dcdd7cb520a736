/** @file Compiled graphs, each made when it is first needed, run on values by name. */
import type { Graph } from '../shared/graph/index.ts';
import type { Engine, Numbers } from './engines/engine.ts';

/** Values of a graph's inputs by name; more may be given than it takes. */
export type Values<Name extends string> = Readonly<Partial<Record<Name, Float32Array>>>;

/** A compiled graph; `room` as of `Compiled.run`. @throws RangeError when a value that it takes is not given. */
export type Program<Name extends string = string> = (
  values: Values<Name>,
  room?: readonly Float32Array[],
) => Promise<readonly Numbers[]>;

/** Programs of one engine by key. */
export class Programs {
  private readonly known = new Map<string, Promise<Program>>();

  constructor(private readonly engine: Engine) {}

  /** The program of `key`, built the first time. */
  get(key: string, build: () => Graph): Promise<Program> {
    const program = this.known.get(key) ?? this.compiled(build());
    this.known.set(key, program);
    return program;
  }

  private async compiled(graph: Graph): Promise<Program> {
    const { run } = await this.engine.compile(graph);
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
}
