import type { Asker } from './fair-queue.ts'
import type { HistorySource, ReadRange, StoredMessage } from './history-source.ts'
import type { MissingSubject } from './read-log.ts'
import { createSemaphore } from './semaphore.ts'

/** What was read of a part of a stream. */
export interface Backfill<M> {
  readonly messages: readonly M[]
  /** Everything up to here was read; before the end of the part where that was too much. */
  readonly upTo: number
  /** What was read of the part once and is not stored any more, by subject. */
  readonly missing: readonly MissingSubject[]
}

/** A part of a stream that a resume wants: it makes do with one that ends at `leastSeq`. */
export interface BackfillRange extends ReadRange {
  readonly leastSeq: number
  /** Whose turn a read takes. */
  readonly asker: Asker
  /** Whether somebody still waits for it: what nobody waits for is not read, or not to its end. */
  readonly isWanted: () => boolean
}

/** What one message adds to the time that a read takes, ms: tens of thousands are read per second. */
const MESSAGE_MS = 0.05

/** How often it is looked whether somebody still waits for a read that runs. */
const LOOK_MS = 100

/** Reads parts of streams for resumes, each part once for all clients that want about the same. */
export interface Backfills<M> {
  /**
   * Messages of `subjects` from `fromSeq` on, perhaps some before, in order; none, or the first ones, where nobody waits
   * for them any more.
   */
  read(range: BackfillRange): Promise<Backfill<M>>
  /** Reads of streams made so far, which is fewer than resumes. */
  readonly reads: number
}

/** Where stored messages come from, and how long reads wait for others and are kept. */
export interface BackfillOptions<M> {
  readonly source: Pick<HistorySource, 'read'>
  readonly messageOf: (stream: string, stored: StoredMessage) => M | undefined
  /** What a part lacks that was read of it once. Default: not known. */
  readonly missingOf?: (part: ReadRange, stored: readonly StoredMessage[]) => readonly MissingSubject[]
  /** Reads at a time; others wait for their turn. */
  readonly atOnce?: number
  /** How long the first one waits for others that want the same. */
  readonly gatherMs?: number
  /** How long a result is kept for latecomers. */
  readonly keepMs?: number
}

interface Shared<M> {
  fromSeq: number
  toSeq: number
  started: boolean
  /** Of each who waits for it. */
  readonly wanted: Set<() => boolean>
  readonly result: Promise<Backfill<M>>
}

/** Creates a reader that shares each read among all that want about the same. */
export function createBackfills<M>(options: BackfillOptions<M>): Backfills<M> {
  const { source, messageOf, missingOf = () => [], atOnce = 2, gatherMs = 20, keepMs = 2000 } = options
  const shared = new Map<string, Shared<M>>()
  const semaphore = createSemaphore({ atOnce })
  let reads = 0

  /** Whoever comes now begins a read of his own. */
  const forget = (key: string, job: Shared<M>): void => {
    if (shared.get(key) === job) shared.delete(key)
  }

  const readShared = async (key: string, { stream, subjects }: ReadRange): Promise<Backfill<M>> => {
    const job = shared.get(key) as Shared<M>
    job.started = true
    const { fromSeq, toSeq } = job
    const watched = abortedWhen(
      () => !isWanted(job),
      () => forget(key, job)
    )
    if (watched.signal.aborted) return { messages: [], upTo: fromSeq - 1, missing: [] }
    reads++
    try {
      const { messages, upTo } = await source.read({ stream, subjects, fromSeq, toSeq }, watched.signal)
      return {
        messages: messages.flatMap(message => messageOf(stream, message) ?? []),
        upTo,
        missing: missingOf({ stream, subjects, fromSeq, toSeq: upTo }, messages)
      }
    } finally {
      watched.stop()
      setTimeout(() => forget(key, job), keepMs).unref()
    }
  }

  const load = async (key: string, range: BackfillRange): Promise<Backfill<M>> => {
    await sleep(gatherMs)
    const costMs = (range.toSeq - range.fromSeq) * MESSAGE_MS
    return semaphore.run(() => readShared(key, range), { asker: range.asker, costMs })
  }

  return {
    get reads() {
      return reads
    },
    async read(range) {
      const key = `${range.stream} ${range.subjects.join(' ')}`
      const job = shared.get(key)
      if (job !== undefined && !job.started) {
        job.fromSeq = Math.min(job.fromSeq, range.fromSeq)
        job.toSeq = Math.max(job.toSeq, range.toSeq)
      }
      if (job !== undefined && job.fromSeq <= range.fromSeq && job.toSeq >= range.leastSeq) {
        job.wanted.add(range.isWanted)
        return job.result
      }
      const own = job === undefined ? key : `${key} ${range.fromSeq} ${range.toSeq}`
      shared.set(own, {
        fromSeq: range.fromSeq,
        toSeq: range.toSeq,
        started: false,
        wanted: new Set([range.isWanted]),
        result: load(own, range)
      })
      return (shared.get(own) as Shared<M>).result
    }
  }
}

const isWanted = <M>({ wanted }: Shared<M>): boolean => {
  for (const isWanted of wanted) if (isWanted()) return true
  return false
}

/** A signal that is aborted once this holds, which is looked at now and from time to time until `stop`. */
function abortedWhen(holds: () => boolean, onAborted: () => void): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const look = (): void => {
    if (!holds()) return
    clearInterval(timer)
    onAborted()
    controller.abort()
  }
  const timer = setInterval(look, LOOK_MS)
  look()
  return { signal: controller.signal, stop: () => clearInterval(timer) }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
