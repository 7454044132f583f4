export { append } from './append.ts'
export { askPatiently, type Patience } from './ask-patiently.ts'
export { type Backoff, createBackoff } from './backoff.ts'
export type { Broker, BrokerMessage, BrokerRefusal, BrokerSubscription } from './broker.ts'
export {
  type Bucket,
  bucketStream,
  bucketSubjects,
  ensureBuckets,
  openBucket,
  type Stored,
  watchBucket
} from './bucket.ts'
export { type BucketName, bucketTable } from './bucket-table.ts'
export { connectBroker } from './connect.ts'
export {
  askedOfDevices,
  DEVICE_ACCOUNT,
  DEVICE_STORE_MIB,
  deviceStreamApi,
  ensureDeviceStreams
} from './device-streams.ts'
export { ensureStreams } from './ensure-streams.ts'
export { createFollower } from './follower.ts'
export type { Follower, FollowerStart, Position } from './follower-types.ts'
export { encodeForgetMessage, readForgetMessage } from './forget-message.ts'
export { lastValues } from './last-values.ts'
export { MIRRORED, type MirrorOptions, mirrorTable } from './mirror-table.ts'
export { missingStream } from './missing-stream.ts'
export { createNkey, isPublicNkey, type Nkey, publicKeyOf } from './nkeys.ts'
export { consumePartition, type Partition } from './partition.ts'
export type { PartitionMessage } from './partition-options.ts'
export { createPublisher } from './publisher.ts'
export type {
  Publication,
  PublicationRefusal,
  Publisher,
  PublisherOptions,
  PublisherStats
} from './publisher-types.ts'
export { createRarely, type Rarely } from './rarely.ts'
export {
  firstMessage,
  lastMessage,
  MOST_AT_ONCE,
  messageAt,
  nextMessage,
  previousMessage,
  previousMessages
} from './read-message.ts'
export { type ReadOptions, readStream } from './read-stream.ts'
export { createRemovals, type Removals, type Removed } from './removals.ts'
export { type RemovedSubjects, removeSubjects } from './remove-subjects.ts'
export { assertReplaceable, type RestoredStream, restoreStream } from './restore-stream.ts'
export {
  type EndpointStats,
  type ServiceEndpoint,
  type ServiceInfo,
  type ServiceResponder,
  startServiceResponder
} from './service-responder.ts'
export { type SnapshotFacts, snapshotStream } from './snapshot-stream.ts'
export { type ListedStream, listStreams, streamHoles, streamState } from './stream-info.ts'
export type { StreamMessage } from './stream-message.ts'
export { mirrorNameOf, streamNamesOf } from './stream-names.ts'
export { openPart, type StreamPart } from './stream-part.ts'
export {
  apiPrefixOf,
  BELOW_WORD_ALONE,
  belowWord,
  CHANGES,
  isChangeWord,
  LIST_STREAMS,
  NEVER_ASKED,
  originSubjects,
  readBelowSubjects,
  type StreamRight,
  streamRightSubjects
} from './stream-rights.ts'
export { messagesBySubject, streamSubjects } from './stream-subjects.ts'
export { type StreamProfile, type StreamSpec, streamTable } from './stream-table.ts'
