export { keyToken } from '@meridian/subjects'
export { createClient } from './client.ts'
export { ClientError } from './client-error.ts'
export type { TypedClient } from './typed.ts'
export type {
  Client,
  ClientOptions,
  ClientState,
  ClientStatus,
  CommandHandle,
  CommandHandlers,
  CommandOptions,
  OpenSocket,
  Outcome,
  RefusedPattern,
  SubjectParts,
  Subscription,
  SubscriptionHandlers,
  Update,
  WebSocketLike
} from './types.ts'
