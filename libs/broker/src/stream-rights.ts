// What the functions of this package ask of the server, as subjects that a process must be allowed to publish. The
// table of who may do it stands in `libs/auth`.

const API = '$JS.API'

const api = (operation: string, ...tokens: readonly string[]): string => [API, operation, ...tokens].join('.')

/** What stands for `$JS.API` where JetStream is asked below a word of one's own. */
export const apiPrefixOf = (word: string): string => `${API}.${word}`

/** Whether a text can be such a word: one token of a subject, too long to be guessed, and nothing that means more in nats.conf. */
export const isChangeWord = (text: string): boolean => /^[\w-]{32,128}$/.test(text)

/** What is asked at the stream itself passes through no account, and needs no word. */
const PASSES_ACCOUNTS = /^\$JS\.API\.(?!CONSUMER\.MSG\.NEXT\.|DIRECT\.GET\.)/

/** The subject on which a process with such a word asks what others ask on `subject`. */
export const belowWord = (subject: string, word: string): string =>
  subject.replace(PASSES_ACCOUNTS, () => `${apiPrefixOf(word)}.`)

/** The same subject for logs and people: the word is as secret as a seed. */
export const hideWord = (subject: string): string =>
  subject.replace(/^\$JS\.API\.([\w-]+)\./, (text, token: string) =>
    isChangeWord(token) ? `${API}.(word).` : text
  )

/** The subject on which JetStream is asked to write out a stream or to read one back, below what stands for `$JS.API`. */
export const wholeStreamOf = (operation: 'SNAPSHOT' | 'RESTORE', stream: string, prefix = API): string =>
  `${prefix}.STREAM.${operation}.${stream}`

/** What changes the streams of a site, as patterns. */
export const CHANGES: readonly string[] = ['CREATE', 'UPDATE', 'PURGE'].map(what =>
  api(`STREAM.${what}`, '*')
)

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
  purge: stream => [api('STREAM.PURGE', stream)],
  /** `ensureStreams`, where a mirror is made again because its origin is another log, and `restoreStream`, where it replaces one. */
  delete: stream => [api('STREAM.DELETE', stream)],
  /** `snapshotStream`; the second is the word that a part of it has come. */
  backup: stream => [wholeStreamOf('SNAPSHOT', stream), `$JS.SNAPSHOT.ACK.${stream}.>`],
  /** `restoreStream`; on the second its parts are sent. */
  restore: stream => [wholeStreamOf('RESTORE', stream), `$JS.SNAPSHOT.RESTORE.${stream}.*`]
} as const satisfies Readonly<Record<string, (stream: string) => readonly string[]>>

/** What the system account refuses on the usual subjects [`NEVER_ASKED`]: only below a word can it be asked. */
export const BELOW_WORD_ALONE: readonly StreamRight[] = ['delete', 'backup', 'restore']

/**
 * What may be done to a stream, each one named for its use; `streamRights` gives the subjects that it needs.
 */
export type StreamRight = keyof typeof streamRights

/** The subjects that a process publishes that does this to a stream. */
export const streamRightSubjects = (right: StreamRight, stream: string): readonly string[] =>
  streamRights[right](stream)

/** The same for reading a stream only below one filter; what single requests give is not bounded by it. */
export const readBelowSubjects = (stream: string, filter: string): readonly string[] => [
  api('CONSUMER.CREATE', stream, '*', filter),
  ...reading(stream)
]

/** What a mirror asks of the domain of its origin, and the streams step before it: the epoch of the origin. */
export const originSubjects = (stream: string, domain: string) =>
  ({
    info: `$JS.${domain}.API.STREAM.INFO.${stream}`,
    consumer: `$JS.${domain}.API.CONSUMER.CREATE.${stream}`
  }) as const

/** What `listStreams` and `nats stream ls` ask; the answers name every stream and its subjects. */
export const LIST_STREAMS: readonly string[] = [api('STREAM.LIST'), api('STREAM.NAMES')]

/**
 * What nothing of this project asks of JetStream, as patterns, but for what `purge` does to a stream: it ends or changes
 * what is stored or how it is read, and most of it takes no more than an empty message. So a reply subject would do it:
 * the server writes there, with its own rights, that a consumer has nothing to deliver
 * [docs/adr/0018-rights-at-the-broker.md].
 */
export const NEVER_ASKED: readonly string[] = [
  ...['DELETE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE', 'LEADER.STEPDOWN', 'PEER.REMOVE', 'PEER.EVACUATE'],
  'CANCEL_MOVE'
]
  .map(what => api(`STREAM.${what}`, '*'))
  .concat(
    ['DURABLE.CREATE', 'PAUSE', 'RESET', 'UNPIN', 'LEADER.STEPDOWN', 'PEER.REMOVE', 'PEER.EVACUATE'].map(
      what => api(`CONSUMER.${what}`, '*', '*')
    )
  )
