/** A message in the spool: queued behind its subject, or in flight with a ticket. */
export interface SpooledMessage {
  readonly queue: SubjectQueue
  readonly data: Uint8Array
  readonly id: string
  readonly bytes: number
  /** In flight: what was sent with it as a batch; undefined where it was sent as a message. */
  along: readonly SpooledMessage[] | undefined
  /** Number of the reply subject while in flight. */
  ticket: number
  /** How often it was sent. */
  attempts: number
  /** How often the broker has answered "not now" since the connection stands. */
  postponed: number
  /** When to send again, ms of the monotonic clock. */
  dueMs: number
  next: SpooledMessage | undefined
  older: SpooledMessage | undefined
  newer: SpooledMessage | undefined
}

/** The messages of one subject, of which one is in flight at most, or one and what goes along. */
export interface SubjectQueue {
  readonly subject: string
  readonly kind: 'telemetry' | 'event'
  inFlight: SpooledMessage | undefined
  head: SpooledMessage | undefined
  tail: SpooledMessage | undefined
  /** How many of the next ones were in a batch that failed, and go without one. */
  aloneNext: number
  isReady: boolean
  nextReady: SubjectQueue | undefined
}

/** All queued messages, by subject and by age. */
export interface Spool {
  queueOf(subject: string, kind: 'telemetry' | 'event'): SubjectQueue
  find(subject: string): SubjectQueue | undefined
  push(queue: SubjectQueue, data: Uint8Array, id: string): void
  /** Takes the first message of a subject out of its queue. */
  shift(queue: SubjectQueue): SpooledMessage | undefined
  /** Puts messages that were taken before all others of their subject, in their order. */
  putBack(messages: readonly SpooledMessage[]): void
  /** Takes the oldest queued message of a kind away for good. */
  dropOldest(kind: 'telemetry' | 'event'): SpooledMessage | undefined
  /** A message that was in flight is done with. */
  release(message: SpooledMessage): void
  bytes(): number
  messages(): number
}

// What surrounds a message in memory; part of the bound, so that many small ones do not exceed it.
const OVERHEAD_BYTES = 200
const SWEEP_SUBJECTS = 10_000

/** An empty spool. It has no bound of its own: the publisher drops the oldest when `bytes` is too much. */
export function createSpool(): Spool {
  const queues = new Map<string, SubjectQueue>()
  const ages = { telemetry: createAgeList(), event: createAgeList() }
  let sweepAt = SWEEP_SUBJECTS
  let bytes = 0
  let messages = 0

  const sweep = (): void => {
    for (const [subject, queue] of queues)
      if (queue.inFlight === undefined && queue.head === undefined) queues.delete(subject)
    sweepAt = Math.max(SWEEP_SUBJECTS, queues.size * 2)
  }
  const shift = (queue: SubjectQueue): SpooledMessage | undefined => {
    const message = queue.head
    if (message === undefined) return undefined
    queue.head = message.next
    if (queue.head === undefined) queue.tail = undefined
    ages[queue.kind].remove(message)
    return message
  }
  const release = (message: SpooledMessage): void => {
    bytes -= message.bytes
    messages--
  }

  return {
    queueOf(subject, kind) {
      const known = queues.get(subject)
      if (known !== undefined) return known
      if (queues.size >= sweepAt) sweep()
      const queue = createQueue(subject, kind)
      queues.set(subject, queue)
      return queue
    },
    find: subject => queues.get(subject),
    push(queue, data, id) {
      const message = createMessage(queue, data, id)
      if (queue.tail === undefined) queue.head = message
      else queue.tail.next = message
      queue.tail = message
      ages[queue.kind].push(message)
      bytes += message.bytes
      messages++
    },
    shift,
    putBack(messages) {
      for (const message of messages.toReversed()) {
        const { queue } = message
        message.next = queue.head
        queue.head = message
        queue.tail ??= message
        ages[queue.kind].putBack(message)
      }
    },
    // Subjects do not mix kinds, so the oldest of a kind is the first of its subject.
    dropOldest(kind) {
      const message = ages[kind].oldest()
      if (message === undefined) return undefined
      shift(message.queue)
      release(message)
      return message
    },
    release,
    bytes: () => bytes,
    messages: () => messages
  }
}

const createMessage = (queue: SubjectQueue, data: Uint8Array, id: string): SpooledMessage => ({
  queue,
  data,
  id,
  bytes: data.length + OVERHEAD_BYTES,
  along: undefined,
  ticket: -1,
  attempts: 0,
  postponed: 0,
  dueMs: 0,
  next: undefined,
  older: undefined,
  newer: undefined
})

const createQueue = (subject: string, kind: 'telemetry' | 'event'): SubjectQueue => ({
  subject,
  kind,
  inFlight: undefined,
  head: undefined,
  tail: undefined,
  aloneNext: 0,
  isReady: false,
  nextReady: undefined
})

function createAgeList() {
  let oldest: SpooledMessage | undefined
  let newest: SpooledMessage | undefined
  return {
    oldest: (): SpooledMessage | undefined => oldest,
    push(message: SpooledMessage): void {
      message.older = newest
      if (newest === undefined) oldest = message
      else newest.newer = message
      newest = message
    },
    putBack(message: SpooledMessage): void {
      message.newer = oldest
      if (oldest === undefined) newest = message
      else oldest.older = message
      oldest = message
    },
    remove(message: SpooledMessage): void {
      if (message.older === undefined) oldest = message.newer
      else message.older.newer = message.newer
      if (message.newer === undefined) newest = message.older
      else message.newer.older = message.older
      message.older = undefined
      message.newer = undefined
      message.next = undefined
    }
  }
}
