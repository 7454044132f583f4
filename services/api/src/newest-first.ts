/**
 * Reads a time range of some subjects newest first. The range is split by sequence into windows that grow
 * from some thousand messages; the windows are read from newest to oldest, each of them forwards. When a
 * bound ends the read, only the oldest part is missing. A window that a bound interrupted is dropped, because
 * it lacks its newest part.
 */
import { type Broker, openPart, type StreamMessage, type StreamPart } from '@meridian/broker'

/** Messages of some subjects by the time at which they were stored, up to a known last sequence. */
export interface StoredRange {
  readonly stream: string
  /** NATS filters. */
  readonly subjects: readonly string[]
  /** Messages stored before it are left out; 0: none. */
  readonly fromUs: number
  /** The last sequence wanted, and whether newer messages may be stored behind it already. */
  readonly toSeq: number
  readonly hasNewer: boolean
  /** Size of a message as far as it is known, to begin with. */
  readonly messageBytes: number
}

/** Most messages, bytes and ms that one read may cost. */
export interface ReadLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** How a read ended: with the oldest message, with enough of them, or by a bound or the signal. */
export type ReadEnd = 'all' | 'enough' | 'cut'

/** Where to read, the bounds, and the callbacks for messages and finished windows. */
export interface NewestFirst {
  readonly broker: Broker
  readonly limits: ReadLimits
  /** Ends the read early. */
  readonly signal: AbortSignal
  /** Messages that the first window aims at; default 2,000. */
  readonly firstWindow?: number
  readonly onMessage: (message: StreamMessage) => void
  /** Called when a window was read whole: nothing newer than the messages since the last call is missing. */
  readonly onWindow: () => void
  /** Asked after each window, before an older one is read; default: read on. */
  readonly isEnough?: () => boolean
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
  /** The part that begins at `fromSeq`, where it is still open: it serves as the window if all of it fits. */
  readonly part?: StreamPart
}

interface Window {
  readonly fromSeq: number
  readonly part: StreamPart
  /** Most messages that it may turn out to have, because new ones arrive during the read. */
  readonly messages: number
}

/** Reads a range. Throws the broker's errors. */
export async function readNewestFirst(reading: NewestFirst, range: StoredRange): Promise<ReadEnd> {
  const { broker, limits, firstWindow = FIRST_WINDOW, isEnough } = reading
  const spent = createSpent(limits, { messageBytes: range.messageBytes, firstWindow })
  let rest: Rest = await openRange(broker, range)
  while (hasMessages(rest)) {
    const window = await openWindow(broker, range, { rest, most: spent.mostMessages() })
    if (window === undefined) return 'cut'
    const before = spent.messages()
    if (!(await readWindow(reading, spent, { ...window, toSeq: rest.toSeq }))) return 'cut'
    if (isEnough?.() === true) return 'enough'
    const read = spent.messages() - before
    rest = {
      fromSeq: rest.fromSeq,
      toSeq: window.fromSeq - 1,
      messages: rest.messages - read,
      behind: rest.behind + read
    }
  }
  return 'all'
}

/**
 * The sequences of a range, and how many messages they hold: rather more than fewer, since what is stored
 * meanwhile is counted after what lies behind the range.
 */
async function openRange(broker: Broker, range: StoredRange): Promise<Rest> {
  const { fromUs, toSeq, hasNewer } = range
  const open = (from: { seq: number } | { timeUs: number }): Promise<StreamPart> =>
    openPart(broker, { ...partOf(range), from })
  const after = hasNewer ? await open({ seq: toSeq + 1 }) : undefined
  after?.close()
  const behind = after?.messages ?? 0
  const part = await open(fromUs > 0 ? { timeUs: fromUs } : { seq: 1 })
  const rest = { fromSeq: part.fromSeq, toSeq, messages: part.messages - behind, behind }
  if (hasMessages(rest)) return { ...rest, part }
  part.close()
  return rest
}

const hasMessages = ({ fromSeq, toSeq, messages }: Rest): boolean => toSeq >= fromSeq && messages > 0

/** The largest window at the newest end that has `most` messages or fewer; undefined where there is none. */
async function openWindow(
  broker: Broker,
  range: StoredRange,
  { rest, most }: { rest: Rest; most: number }
): Promise<Window | undefined> {
  const open = (seq: number): Promise<StreamPart> => openPart(broker, { ...partOf(range), from: { seq } })
  const whole = rest.toSeq - rest.fromSeq + 1
  let width = most < 1 ? 0 : narrowed(whole, most, rest.messages)
  if (width === whole && rest.part !== undefined)
    return { fromSeq: rest.fromSeq, part: rest.part, messages: rest.messages }
  rest.part?.close()
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

/** Counts what a read has cost so far and sizes its next window. */
interface Spent {
  add(bytes: number): void
  messages(): number
  /** Most messages of the next window; 0 when a bound is reached. */
  mostMessages(): number
  leftBytes(): number
  leftMs(): number
}

/** Starts the count; `messageBytes` is the estimate of a message's size until some were read. */
function createSpent(
  { maxMessages, maxBytes, timeoutMs }: ReadLimits,
  { messageBytes, firstWindow }: { messageBytes: number; firstWindow: number }
): Spent {
  const startMs = performance.now()
  let messages = 0
  let bytes = 0
  let size = firstWindow / 2
  const spentMs = (): number => performance.now() - startMs
  const leftMs = (): number => timeoutMs - spentMs()
  const leftBytes = (): number => maxBytes - bytes
  // A window that the time limit interrupts is lost, so it gets half of what the pace so far allows.
  const inTime = (): number =>
    messages === 0 ? firstWindow : Math.max(SMALLEST_IN_TIME, ((messages / spentMs()) * leftMs()) / 2)
  return {
    add(more) {
      messages++
      bytes += more
    },
    messages: () => messages,
    mostMessages() {
      if (leftMs() <= 0) return 0
      size = Math.min(size * 2, LARGEST_WINDOW)
      const inBytes = leftBytes() / Math.max(1, messages === 0 ? messageBytes : bytes / messages)
      return Math.floor(Math.min(size, maxMessages - messages, inBytes, inTime()))
    },
    leftBytes,
    leftMs
  }
}

const partOf = ({ stream, subjects }: StoredRange): Pick<StoredRange, 'stream' | 'subjects'> => ({
  stream,
  subjects
})
