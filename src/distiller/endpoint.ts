/** @file comlink over worker threads. In: a Worker or a MessagePort of Node. Out: an endpoint that comlink can wrap or expose. */
import type { Endpoint } from 'comlink';
import nodeEndpoint, { type NodeEndpoint } from 'comlink/dist/umd/node-adapter.js';

/** The package's own adapter, whose types say `default` where its CommonJS file is the function itself. */
export const threadEndpoint = nodeEndpoint as unknown as (port: NodeEndpoint) => Endpoint;
