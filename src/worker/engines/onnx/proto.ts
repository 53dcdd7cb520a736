/** @file ONNX messages, as little as the lowering needs. Knows protobuf; no graph of ours. IR 8, opset 17. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

export type { GraphProto, NodeProto, TensorProto };

/** An attribute's value: an integer, a list of integers, a float (marked, for JavaScript has one kind of number), or a body. */
export type AttributeValue =
  | number
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: GraphProto };
export type Attributes = Readonly<Record<string, AttributeValue>>;

export const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
): NodeProto =>
  create(NodeProtoSchema, {
    name: outputs[0]!,
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float });
  if ('graph' in value) return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: value.graph });
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) });
}

/** The number of float32 among the types of ONNX. */
export const floatType: number = DataType.FLOAT;

export const floats = (name: string, shape: readonly number[], data: ArrayLike<number>): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: DataType.FLOAT,
    rawData: new Uint8Array(Float32Array.from(data).buffer),
  });

export const integers = (name: string, data: readonly number[]): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dims: [BigInt(data.length)],
    dataType: DataType.INT64,
    rawData: new Uint8Array(BigInt64Array.from(data, BigInt).buffer),
  });

const floatValue = (name: string, shape: readonly number[]): ValueInfoProto => {
  const dim = shape.map(size =>
    create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: DataType.FLOAT,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
};

/** A name and a shape. */
export type Port = readonly [name: string, shape: readonly number[]];

export const graph = (
  name: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  nodes: NodeProto[],
  initializer: TensorProto[] = [],
): GraphProto =>
  create(GraphProtoSchema, {
    name,
    node: nodes,
    input: inputs.map(port => floatValue(...port)),
    output: outputs.map(port => floatValue(...port)),
    initializer,
  });

/** The bytes of a model file. */
export const modelBytes = (body: GraphProto): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'distill-cluster',
      graph: body,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
    }),
  );
