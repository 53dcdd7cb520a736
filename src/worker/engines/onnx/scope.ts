/** @file Where nodes are written while a graph is lowered: the list of one scope (the model's, or a loop body's), and the names and constants of the whole model. */
import { type Attributes, floats, integers, type NodeProto, node, type TensorProto } from './proto.ts';

/** Names and constants are the model's: a body may use what stands outside it. */
export class Model {
  readonly initializers: TensorProto[] = [];
  private readonly known = new Map<string, string>();
  private count = 0;

  name(hint: string): string {
    return `${hint}_${this.count++}`;
  }

  /** A float32 constant; equal ones are stored once. */
  floats(shape: readonly number[], data: ArrayLike<number>): string {
    return this.constant(`f${shape}:${Array.from(data)}`, name => floats(name, shape, data));
  }

  /** A list of int64. */
  integers(data: readonly number[]): string {
    return this.constant(`i${data}`, name => integers(name, data));
  }

  private constant(key: string, make: (name: string) => TensorProto): string {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const name = this.name('const');
    this.initializers.push(make(name));
    this.known.set(key, name);
    return name;
  }
}

/** One list of nodes. */
export class Scope {
  readonly nodes: NodeProto[] = [];

  constructor(readonly model: Model) {}

  /** Appends a node with one output and gives its name. */
  emit(opType: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.emitAll(opType, inputs, 1, attributes)[0]!;
  }

  emitAll(opType: string, inputs: readonly string[], outputs: number, attributes?: Attributes): string[] {
    const names = Array.from({ length: outputs }, () => this.model.name(opType));
    this.nodes.push(node(opType, inputs, names, attributes));
    return names;
  }
}
