/** @file What failed because whoever was asked is away: the server, its streams, the coordinator. In: whatever was thrown. */
import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

const kinds = [
  errors.RequestError,
  errors.TimeoutError,
  errors.NoRespondersError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
  errors.ConnectionError,
  JetStreamError,
  JetStreamApiError,
];

/** Whether the same question may be answered later. */
export const absentIn = (cause: unknown): boolean => kinds.some(kind => cause instanceof kind);
