export { type Appended, type AppendOptions, append } from './append.ts'
export type { Broker, BrokerMessage, BrokerOptions, BrokerState, BrokerSubscription } from './broker.ts'
export { connectBroker } from './connect.ts'
export { type EnsuredStream, type EnsureOptions, ensureStreams } from './ensure-streams.ts'
export { createFollower } from './follower.ts'
export type {
  Follower,
  FollowerOptions,
  FollowerStart,
  FollowerStats,
  Head,
  Position
} from './follower-types.ts'
export { type LastValuesOptions, lastValues } from './last-values.ts'
export { type MirrorOptions, mirrorTable } from './mirror-table.ts'
export {
  consumePartition,
  type Partition,
  type PartitionMessage,
  type PartitionOptions
} from './partition.ts'
export { createPublisher } from './publisher.ts'
export type { Publication, Publisher, PublisherOptions, PublisherStats } from './publisher-types.ts'
export { firstMessage, lastMessage, messageAt } from './read-message.ts'
export { type ReadOptions, readStream } from './read-stream.ts'
export {
  type EndpointStats,
  type ServiceEndpoint,
  type ServiceInfo,
  type ServiceResponder,
  startServiceResponder
} from './service-responder.ts'
export { type StreamState, streamState } from './stream-info.ts'
export type { StreamMessage } from './stream-message.ts'
export { type StreamNames, type StreamsOf, streamNamesOf } from './stream-names.ts'
export { openPart, type PartBounds, type PartOptions, type StreamPart } from './stream-part.ts'
export { type StreamProfile, type StreamSpec, streamTable } from './stream-table.ts'
