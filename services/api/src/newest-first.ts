/**
 * Reads a time range of one subject newest first. The range is split by sequence into windows that grow from
 * some thousand messages; the windows are read from newest to oldest, each of them forwards. When a bound
 * ends the read, only the oldest part is missing. A window that a bound interrupted is dropped, because it
 * lacks its newest part.
 */
import { type Broker, openPart, type StreamMessage, type StreamPart } from '@meridian/broker'

/** Messages of one subject by the time at which they were stored, up to a known last sequence. */
export interface StoredRange {
  readonly stream: string
  readonly topic: string
  readonly fromUs: number
  readonly untilUs: number
  readonly last: StreamMessage
}

/** Most messages, bytes and ms that one history may read. */
export interface HistoryLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Where to read, the bounds, and the callbacks for messages and finished windows. */
export interface NewestFirst {
  readonly broker: Broker
  readonly limits: HistoryLimits
  /** Ends the read early. */
  readonly signal: AbortSignal
  readonly onMessage: (message: StreamMessage) => void
  /** Called when a window was read whole: nothing newer than the messages since the last call is missing. */
  readonly onWindow: () => void
}

const FIRST_WINDOW = 2_000
const LARGEST_WINDOW = 16_000
const SMALLEST_IN_TIME = 500
/**
 * Share of a window's limit that the estimate of its start aims at, because messages are not spread evenly.
 */
const MARGIN = 0.9

/** Sequences still to be read, both ends included. */
interface Rest {
  readonly fromSeq: number
  readonly toSeq: number
  /** Estimated number of messages between them. */
  readonly messages: number
  /** Messages of the subject after `toSeq`. */
  readonly behind: number
}

interface Window {
  readonly fromSeq: number
  readonly part: StreamPart
  /** Most messages that it may turn out to have, because new ones arrive during the read. */
  readonly messages: number
}

/**
 * Reads a range; false when a bound or the signal ended it before its oldest message. Throws the broker's
 * errors.
 */
export async function readNewestFirst(reading: NewestFirst, range: StoredRange): Promise<boolean> {
  const spent = createSpent(reading.limits, range.last.data.length)
  let rest = await openRange(reading.broker, range)
  while (rest.toSeq >= rest.fromSeq) {
    const window = await openWindow(reading.broker, range, { rest, most: spent.mostMessages() })
    if (window === undefined) return false
    const before = spent.messages()
    if (!(await readWindow(reading, spent, { ...window, toSeq: rest.toSeq }))) return false
    const read = spent.messages() - before
    rest = {
      fromSeq: rest.fromSeq,
      toSeq: window.fromSeq - 1,
      messages: rest.messages - read,
      behind: rest.behind + read
    }
  }
  return true
}

async function openRange(broker: Broker, range: StoredRange): Promise<Rest> {
  const open = async (timeUs: number): Promise<StreamPart> => {
    const part = await openPart(broker, { ...partOf(range), from: { timeUs } })
    part.close()
    return part
  }
  const { fromSeq, messages } = await open(range.fromUs)
  if (range.last.timeUs <= range.untilUs) return { fromSeq, toSeq: range.last.seq, messages, behind: 0 }
  const after = await open(range.untilUs)
  return { fromSeq, toSeq: after.fromSeq - 1, messages: messages - after.messages, behind: after.messages }
}

/** The largest window at the newest end that has `most` messages or fewer; undefined where there is none. */
async function openWindow(
  broker: Broker,
  range: StoredRange,
  { rest, most }: { rest: Rest; most: number }
): Promise<Window | undefined> {
  const open = (seq: number): Promise<StreamPart> => openPart(broker, { ...partOf(range), from: { seq } })
  const whole = rest.toSeq - rest.fromSeq + 1
  let width = most < 1 ? 0 : narrowed(whole, most, rest.messages)
  while (width > 0) {
    const fromSeq = rest.toSeq - width + 1
    const part = await open(fromSeq)
    const messages = part.messages - rest.behind
    if (messages <= most) return { fromSeq, part, messages }
    part.close()
    width = width === 1 ? 0 : Math.min(width - 1, narrowed(width, most, messages))
  }
  return undefined
}

const narrowed = (width: number, most: number, messages: number): number =>
  messages <= most ? width : Math.ceil((width * MARGIN * most) / messages)

/** Reads one window; false where a bound or the signal ended it before its end. */
async function readWindow(
  { signal, onMessage, onWindow }: NewestFirst,
  spent: Spent,
  { part, messages, toSeq }: Window & { readonly toSeq: number }
): Promise<boolean> {
  if (messages <= 0) {
    part.close()
    return true
  }
  const bounds = {
    toSeq,
    maxMessages: messages,
    maxBytes: Number.POSITIVE_INFINITY,
    timeoutMs: spent.leftMs()
  }
  for await (const message of part.read(bounds)) {
    spent.add(message.data.length)
    if (signal.aborted || spent.leftBytes() < 0) return false
    onMessage(message)
  }
  onWindow()
  return true
}

/** Counts what a history has cost so far and sizes its next window. */
interface Spent {
  add(bytes: number): void
  messages(): number
  /** Most messages of the next window; 0 when a bound is reached. */
  mostMessages(): number
  leftBytes(): number
  leftMs(): number
}

/**
 * Starts the count. `lastBytes`, the size of the last message, is the estimate of a message's size until some
 * were read.
 */
function createSpent({ maxMessages, maxBytes, timeoutMs }: HistoryLimits, lastBytes: number): Spent {
  const startMs = performance.now()
  let messages = 0
  let bytes = 0
  let size = FIRST_WINDOW / 2
  const spentMs = (): number => performance.now() - startMs
  const leftMs = (): number => timeoutMs - spentMs()
  const leftBytes = (): number => maxBytes - bytes
  // A window that the time limit interrupts is lost, so it gets half of what the pace so far allows.
  const inTime = (): number =>
    messages === 0 ? FIRST_WINDOW : Math.max(SMALLEST_IN_TIME, ((messages / spentMs()) * leftMs()) / 2)
  return {
    add(more) {
      messages++
      bytes += more
    },
    messages: () => messages,
    mostMessages() {
      if (leftMs() <= 0) return 0
      size = Math.min(size * 2, LARGEST_WINDOW)
      const inBytes = leftBytes() / Math.max(1, messages === 0 ? lastBytes : bytes / messages)
      return Math.floor(Math.min(size, maxMessages - messages, inBytes, inTime()))
    },
    leftBytes,
    leftMs
  }
}

const partOf = ({ stream, topic }: StoredRange): { stream: string; subjects: readonly string[] } => ({
  stream,
  subjects: [topic]
})
