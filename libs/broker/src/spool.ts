/** A message in the spool: queued behind its subject, or in flight with a ticket. */
export interface Entry {
  readonly queue: SubjectQueue
  readonly data: Uint8Array
  readonly id: string
  readonly bytes: number
  /** Number of the reply subject while in flight. */
  ticket: number
  attempts: number
  /** When to send again, ms of the monotonic clock. */
  dueMs: number
  next: Entry | undefined
  older: Entry | undefined
  newer: Entry | undefined
}

/** The messages of one subject, of which at most one is in flight. */
export interface SubjectQueue {
  readonly subject: string
  readonly kind: 'telemetry' | 'event'
  inFlight: Entry | undefined
  head: Entry | undefined
  tail: Entry | undefined
  isReady: boolean
  nextReady: SubjectQueue | undefined
}

/** All queued messages, by subject and by age. */
export interface Spool {
  queueOf(subject: string, kind: 'telemetry' | 'event'): SubjectQueue
  find(subject: string): SubjectQueue | undefined
  push(queue: SubjectQueue, data: Uint8Array, id: string): void
  /** Takes the first message of a subject out of its queue. */
  shift(queue: SubjectQueue): Entry | undefined
  /** Takes the oldest queued message of a kind away for good. */
  dropOldest(kind: 'telemetry' | 'event'): Entry | undefined
  /** A message that was in flight is done with. */
  release(entry: Entry): void
  bytes(): number
  messages(): number
}

// What surrounds a message in memory; part of the bound, so that many small ones do not exceed it.
const OVERHEAD_BYTES = 200
const SWEEP_SUBJECTS = 10_000

/** Makes an empty spool. */
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
  const shift = (queue: SubjectQueue): Entry | undefined => {
    const entry = queue.head
    if (entry === undefined) return undefined
    queue.head = entry.next
    if (queue.head === undefined) queue.tail = undefined
    ages[queue.kind].remove(entry)
    return entry
  }
  const release = (entry: Entry): void => {
    bytes -= entry.bytes
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
      const entry = createEntry(queue, data, id)
      if (queue.tail === undefined) queue.head = entry
      else queue.tail.next = entry
      queue.tail = entry
      ages[queue.kind].push(entry)
      bytes += entry.bytes
      messages++
    },
    shift,
    // Subjects do not mix kinds, so the oldest of a kind is the first of its subject.
    dropOldest(kind) {
      const entry = ages[kind].oldest()
      if (entry === undefined) return undefined
      shift(entry.queue)
      release(entry)
      return entry
    },
    release,
    bytes: () => bytes,
    messages: () => messages
  }
}

const createEntry = (queue: SubjectQueue, data: Uint8Array, id: string): Entry => ({
  queue,
  data,
  id,
  bytes: data.length + OVERHEAD_BYTES,
  ticket: -1,
  attempts: 0,
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
  isReady: false,
  nextReady: undefined
})

function createAgeList() {
  let oldest: Entry | undefined
  let newest: Entry | undefined
  return {
    oldest: (): Entry | undefined => oldest,
    push(entry: Entry): void {
      entry.older = newest
      if (newest === undefined) oldest = entry
      else newest.newer = entry
      newest = entry
    },
    remove(entry: Entry): void {
      if (entry.older === undefined) oldest = entry.newer
      else entry.older.newer = entry.newer
      if (entry.newer === undefined) newest = entry.older
      else entry.newer.older = entry.older
      entry.older = undefined
      entry.newer = undefined
      entry.next = undefined
    }
  }
}
