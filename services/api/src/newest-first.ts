/**
 * Reads a time range of one subject newest first: the range is cut into windows by sequence, each is read forwards, and the windows go
 * backwards, growing from some thousand messages. Where a bound ends the work, what is missing is therefore the oldest part. A window that a
 * bound cut in two is not handed over, because its newest part is what it lacks.
 */
import { type Broker, openPart, type StreamMessage, type StreamPart } from '@meridian/broker'

/** Which messages: of one subject, by when they were stored, up to the last one that is known. */
export interface StoredRange {
  readonly stream: string
  readonly topic: string
  readonly fromUs: number
  readonly untilUs: number
  readonly last: StreamMessage
}

/** How much one history may cost. */
export interface HistoryLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** What reading is done with, and who is told. */
export interface NewestFirst {
  readonly broker: Broker
  readonly limits: HistoryLimits
  /** Ends the reading. */
  readonly signal: AbortSignal
  readonly onMessage: (message: StreamMessage) => void
  /** Everything since the last call, or since the beginning, is a whole window: nothing newer is missing. */
  readonly onWindow: () => void
}

const FIRST_WINDOW = 2_000
const LARGEST_WINDOW = 16_000
const SMALLEST_IN_TIME = 500
/** A guess at where a window begins aims below its limit, for messages are not spread evenly. */
const MARGIN = 0.9

/** What is still to be read, both ends included, and how many of the subject's messages lie behind it. */
interface Rest {
  readonly fromSeq: number
  readonly toSeq: number
  /** About how many it has. */
  readonly messages: number
  readonly behind: number
}

interface Window {
  readonly fromSeq: number
  readonly part: StreamPart
  /** No more than these, messages that came meanwhile included. */
  readonly messages: number
}

/** Reads a range; false when a bound or the signal ended it before its oldest message. Throws the broker's errors. */
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

/** Whether the window was read to its end. */
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

/** What a history has cost so far. */
interface Spent {
  add(bytes: number): void
  messages(): number
  /** How many messages the next window may have; 0: none, a bound is reached. */
  mostMessages(): number
  leftBytes(): number
  leftMs(): number
}

/** How large a message is is told by the last one, until more are known. */
function createSpent({ maxMessages, maxBytes, timeoutMs }: HistoryLimits, lastBytes: number): Spent {
  const startMs = performance.now()
  let messages = 0
  let bytes = 0
  let size = FIRST_WINDOW / 2
  const spentMs = (): number => performance.now() - startMs
  const leftMs = (): number => timeoutMs - spentMs()
  const leftBytes = (): number => maxBytes - bytes
  // A window that time would cut in two is lost: half of what the pace so far allows.
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
