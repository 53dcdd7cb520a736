/** @file A program run by tfjs: slots become tensors, calls become kernels. In: the loaded tfjs, a program, values. Out: values. Knows no graph and no backend. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Numbers } from '../engine.ts';
import type { Call, Loop, Program, Slot, Step } from './program.ts';

export type Tfjs = typeof import('@tensorflow/tfjs-core');

/** Makes the program's constants on the current backend, where they stay; gives what runs it there. Whoever calls that sees to it that the backend is still the same. */
export function runner(tf: Tfjs, program: Program): (inputs: readonly Numbers[]) => Float32Array[] {
  const machine = new Machine(tf, program.slots);
  for (const { slot, shape, data } of program.constants) machine.put(slot, tf.tensor(data, [...shape]));
  return inputs => {
    let outputs: Float32Array[] = [];
    tf.tidy(() => {
      // Tensors are freed as soon as nobody reads them; what tidies up is for a kernel that throws
      program.inputs.forEach(({ slot, shape }, i) => {
        const data = inputs[i]!;
        machine.put(
          slot,
          tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), [...shape]),
        );
      });
      machine.perform(program.steps);
      outputs = program.outputs.map(slot => machine.read(slot));
      machine.free(program.outputs);
    });
    return outputs;
  };
}

/** Tensors in slots. */
class Machine {
  private readonly tensors: Tensor[];

  constructor(
    private readonly tf: Tfjs,
    slots: number,
  ) {
    this.tensors = new Array(slots);
  }

  put(slot: Slot, tensor: Tensor): void {
    this.tensors[slot] = tensor;
  }

  /** A copy: some backends give their own array. */
  read(slot: Slot): Float32Array {
    return Float32Array.from(this.tensors[slot]!.dataSync());
  }

  free(slots: readonly Slot[]): void {
    for (const slot of slots) this.tensors[slot]!.dispose();
  }

  perform(steps: readonly Step[]): void {
    for (const { instruction, frees } of steps) {
      if (instruction.kind === 'call') this.call(instruction);
      else this.loop(instruction);
      this.free(frees);
    }
  }

  private call({ kernel, inputs, attributes, to }: Call): void {
    this.put(to, this.kernel(kernel, this.taken(inputs), attributes) as Tensor);
  }

  private loop(loop: Loop): void {
    const { length, reverse, carried, slices, stacked } = loop;
    loop.init.forEach((slot, i) => this.put(carried[i]!, this.tensors[slot]!.clone()));
    const scanned = loop.scanned.map(
      slot => this.kernel('Unpack', { value: this.tensors[slot]! }, { axis: 0 }) as Tensor[],
    );
    const aside = stacked.map(() => new Array<Tensor>(length));
    for (let n = 0; n < length; n++) {
      const k = reverse ? length - 1 - n : n;
      slices.forEach((slot, i) => this.put(slot, scanned[i]![k]!));
      this.perform(loop.body);
      loop.next.map(slot => this.tensors[slot]!).forEach((tensor, i) => this.put(carried[i]!, tensor));
      stacked.forEach((slot, i) => {
        aside[i]![k] = this.tensors[slot]!;
      });
    }
    loop.last.forEach((slot, i) => this.put(slot, this.tensors[carried[i]!]!));
    loop.stacks.forEach((slot, i) => {
      this.put(slot, this.kernel('Pack', aside[i]!, { axis: 0 }) as Tensor);
      for (const tensor of aside[i]!) tensor.dispose();
    });
  }

  private taken(inputs: Call['inputs']): Tensor[] | Record<string, Tensor> {
    if (isList(inputs)) return inputs.map(slot => this.tensors[slot]!);
    const named: Record<string, Tensor> = {};
    for (const name in inputs) named[name] = this.tensors[inputs[name]!]!;
    return named;
  }

  private kernel(
    name: string,
    inputs: Tensor[] | Record<string, Tensor>,
    attributes: Call['attributes'],
  ): Tensor | Tensor[] {
    // The types want tensors by name; kernels that take any number of them take a list
    return this.tf.engine().runKernel(name, inputs as Record<string, Tensor>, attributes as never);
  }
}

/** TypeScript's `Array.isArray` knows no readonly list. */
const isList = (inputs: Call['inputs']): inputs is readonly Slot[] => Array.isArray(inputs);
