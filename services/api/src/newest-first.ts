/**
 * Reads a time range of some subjects newest first. The range is split by sequence into windows that grow
 * from some thousand messages; the windows are read from newest to oldest, each of them forwards. When a
 * bound ends the read, only the oldest part is missing. A window that a bound interrupted is dropped, because
 * it lacks its newest part. Sequences mean nothing in another log, so a stream that was made anew meanwhile ends
 * the read with an error.
 */
import {
  askPatiently,
  type Broker,
  openPart,
  type Patience,
  type StreamMessage,
  type StreamPart,
  streamState
} from '@meridian/broker'
import { AppError } from '@meridian/errors'

/** Messages of some subjects by the time at which they were stored, up to a known last sequence. */
export interface StoredRange {
  readonly stream: string
  /** Name of this run of the log, as it was when `toSeq` was taken from it. */
  readonly epoch: string
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

/** The time that a read may take, from now on, and what ends it early. */
export const patienceOf = (
  { timeoutMs }: ReadLimits,
  signal: AbortSignal
): Patience & { signal: AbortSignal } => ({
  untilMs: performance.now() + timeoutMs,
  signal
})

/** How a read ended: with the oldest message, with enough of them, or by a bound or the signal. */
export type ReadEnd = 'all' | 'enough' | 'cut'

/** Where to read, the bounds, and the callbacks for messages and finished windows. */
export interface NewestFirst {
  readonly broker: Broker
  readonly limits: Pick<ReadLimits, 'maxMessages' | 'maxBytes'>
  /** Until when a slow broker is waited for; its signal ends the read early. */
  readonly patience: Patience & { readonly signal: AbortSignal }
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
  /** Messages of the subject after its end, by the last count. */
  readonly behind: number
}

/**
 * Reads a range. A broker that is too slow cuts the read once a window was read. Throws the broker's errors, and
 * BRK_NO_STREAM where the stream was made anew.
 */
export async function readNewestFirst(reading: NewestFirst, range: StoredRange): Promise<ReadEnd> {
  let windows = 0
  const onWindow = (): void => {
    windows++
    reading.onWindow()
  }
  try {
    const end = await readWindows({ ...reading, onWindow }, range)
    await assertSameLog(reading, range)
    return end
  } catch (caught) {
    if (windows > 0 && caught instanceof AppError && caught.code === 'BRK_TIMEOUT') return 'cut'
    throw caught
  }
}

async function assertSameLog(
  { broker, patience }: NewestFirst,
  { stream, epoch }: StoredRange
): Promise<void> {
  if (patience.signal.aborted) return
  const state = await askPatiently(broker, () => streamState(broker, stream), patience)
  if (state.epoch !== epoch)
    throw new AppError('BRK_NO_STREAM', { detail: `'${stream}' was made anew while it was read` })
}

async function readWindows(reading: NewestFirst, range: StoredRange): Promise<ReadEnd> {
  const { limits, patience, firstWindow = FIRST_WINDOW, isEnough } = reading
  const { messageBytes } = range
  const spent = createSpent({ ...limits, untilMs: patience.untilMs }, { messageBytes, firstWindow })
  const open: OpenPart = from =>
    askPatiently(reading.broker, () => openPart(reading.broker, { ...partOf(range), from }), patience)
  let rest: Rest = await openRange(open, range)
  while (hasMessages(rest)) {
    const window = await openWindow(open, { rest, most: spent.mostMessages() })
    if (window === undefined) return 'cut'
    const before = spent.messages()
    if (!(await readWindow(reading, spent, { ...window, toSeq: rest.toSeq }))) return 'cut'
    if (isEnough?.() === true) return 'enough'
    const read = spent.messages() - before
    rest = {
      fromSeq: rest.fromSeq,
      toSeq: window.fromSeq - 1,
      messages: rest.messages - read,
      behind: window.behind + read
    }
  }
  return 'all'
}

type OpenPart = (from: { readonly seq: number } | { readonly timeUs: number }) => Promise<StreamPart>

/**
 * The sequences of a range, and how many messages they hold: rather more than fewer, since what is stored
 * meanwhile is counted after what lies behind the range.
 */
async function openRange(open: OpenPart, { fromUs, toSeq, hasNewer }: StoredRange): Promise<Rest> {
  const behind = hasNewer ? await countBehind(open, toSeq) : 0
  const part = await open(fromUs > 0 ? { timeUs: fromUs } : { seq: 1 })
  const rest = { fromSeq: part.fromSeq, toSeq, messages: part.messages - behind, behind }
  if (hasMessages(rest)) return { ...rest, part }
  part.close()
  return rest
}

async function countBehind(open: OpenPart, toSeq: number): Promise<number> {
  const part = await open({ seq: toSeq + 1 })
  part.close()
  return part.messages
}

const hasMessages = ({ fromSeq, toSeq, messages }: Rest): boolean => toSeq >= fromSeq && messages > 0

/** A window at the newest end that has `most` messages or fewer; undefined where `most` is none. */
async function openWindow(
  open: OpenPart,
  { rest, most }: { rest: Rest; most: number }
): Promise<Window | undefined> {
  const { fromSeq, toSeq, messages, behind, part } = rest
  const whole = toSeq - fromSeq + 1
  const width = narrowed(whole, most, messages)
  if (most >= 1 && width === whole && part !== undefined) return { fromSeq, part, messages, behind }
  part?.close()
  return most < 1 ? undefined : openNarrowed(open, { toSeq, behind, width, most })
}

/**
 * Opens a window of `width` sequences, or of fewer where it has too many messages. What was stored since the count
 * of `behind` looks like too many too, so that is counted anew: before the window, to find too many rather than
 * too few.
 */
async function openNarrowed(
  open: OpenPart,
  { toSeq, most, ...first }: { toSeq: number; most: number; behind: number; width: number }
): Promise<Window> {
  for (let { width, behind } = first; ; behind = await countBehind(open, toSeq)) {
    const fromSeq = toSeq - width + 1
    const part = await open({ seq: fromSeq })
    const messages = Math.min(width, part.messages - behind)
    if (messages <= most) return { fromSeq, part, messages, behind }
    part.close()
    width = narrowed(width, most, messages)
  }
}

/** A width with `most` of the `messages`: less than `width` where it has more, and never less than `most`. */
function narrowed(width: number, most: number, messages: number): number {
  if (Math.min(width, messages) <= most) return width
  return Math.min(width - 1, Math.max(most, Math.ceil((width * MARGIN * most) / messages)))
}

/** Reads one window; false where a bound or the signal ended it before its end. */
async function readWindow(
  { patience: { signal }, onMessage, onWindow }: NewestFirst,
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
    timeoutMs: Math.max(1, spent.leftMs()),
    signal
  }
  for await (const message of part.read(bounds)) {
    spent.add(message.data.length)
    if (signal.aborted || spent.leftBytes() < 0) return false
    onMessage(message)
  }
  if (signal.aborted) return false
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
  {
    maxMessages,
    maxBytes,
    untilMs
  }: Pick<ReadLimits, 'maxMessages' | 'maxBytes'> & Pick<Patience, 'untilMs'>,
  { messageBytes, firstWindow }: { messageBytes: number; firstWindow: number }
): Spent {
  const startMs = performance.now()
  let messages = 0
  let bytes = 0
  let size = firstWindow / 2
  const spentMs = (): number => performance.now() - startMs
  const leftMs = (): number => untilMs - performance.now()
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
