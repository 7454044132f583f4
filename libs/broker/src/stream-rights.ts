// What the functions of this package ask of the server, as subjects that a process must be allowed to publish. The
// table of who may do it stands in `libs/auth`.

const api = (operation: string, ...tokens: readonly string[]): string =>
  ['$JS.API', operation, ...tokens].join('.')

/** The subject on which a consumer is asked for messages. */
export const nextSubjectOf = (stream: string, consumer: string): string =>
  api('CONSUMER.MSG.NEXT', stream, consumer)

const reading = (stream: string): readonly string[] => [
  nextSubjectOf(stream, '*'),
  api('CONSUMER.DELETE', stream, '*')
]

/**
 * What may be done to a stream, and the subjects that this takes. A wildcard never stands for the stream: it
 * would reach the streams of others.
 */
const streamRights = {
  /** `streamState`, `missingStream`, `messagesBySubject` and all that begin with them. */
  info: stream => [api('STREAM.INFO', stream)],
  /** `lastMessage`, `nextMessage` and the others that read one message: any message of the stream. */
  get: stream => [api('STREAM.MSG.GET', stream)],
  /** `previousMessages`: many messages with one request. */
  getMany: stream => [api('DIRECT.GET', stream)],
  /** `createFollower`, `readStream` and `lastValues` with one filter or none. */
  read: stream => [api('CONSUMER.CREATE', stream, '>'), ...reading(stream)],
  /** The same with several filters, which do not stand in the subject of the request. */
  readSeveral: stream => [api('CONSUMER.CREATE', stream), ...reading(stream)],
  /** `consumePartition`: consumers that several processes share, and the word that a message is done with. */
  share: stream => [
    api('CONSUMER.CREATE', stream, '>'),
    api('CONSUMER.INFO', stream, '*'),
    nextSubjectOf(stream, '*'),
    `$JS.ACK.${stream}.>`
  ],
  /** `ensureStreams`. */
  create: stream => [api('STREAM.CREATE', stream)],
  update: stream => [api('STREAM.UPDATE', stream)],
  /** `removeSubjects`, and the move of subjects that an earlier version kept elsewhere. */
  purge: stream => [api('STREAM.PURGE', stream)]
} as const satisfies Readonly<Record<string, (stream: string) => readonly string[]>>

/** What may be done to a stream. */
export type StreamRight = keyof typeof streamRights

/** The subjects that a process publishes that does this to a stream. */
export const streamRightSubjects = (right: StreamRight, stream: string): readonly string[] =>
  streamRights[right](stream)

/** The same for reading a stream only below one filter; what single requests give is not bounded by it. */
export const readBelowSubjects = (stream: string, filter: string): readonly string[] => [
  api('CONSUMER.CREATE', stream, '*', filter),
  ...reading(stream)
]

/** What `listStreams` and `nats stream ls` ask; the answers name every stream and its subjects. */
export const LIST_STREAMS: readonly string[] = [api('STREAM.LIST'), api('STREAM.NAMES')]
