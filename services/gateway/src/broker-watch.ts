import type { Broker } from '@meridian/broker'
import type { Logger } from 'pino'

/** Whether the broker answers and has all streams, as clients are told it. */
export type BrokerAnswer = 'connected' | 'lost'

/** Asks the broker all the time whether it is there: a hung one keeps its connections and says nothing. */
export interface BrokerWatch {
  state(): BrokerAnswer
  /** Seconds that the last answer took, or that an answer is awaited; 0 before the first. */
  answerSeconds(): number
  stop(): void
}

/** What a watch asks, and whom it tells of each change. */
export interface BrokerWatchOptions {
  readonly broker: Pick<Broker, 'state' | 'onState' | 'flush'>
  readonly log: Logger
  readonly onChange: (state: BrokerAnswer) => void
  /** Streams that the broker should have and has not: nothing of them comes. Default: it has all. */
  readonly missing?: () => readonly string[]
  /** An answer that takes longer means that the broker is away, ms; default 2,000. */
  readonly lateMs?: number
}

const CHECK_MS = 250
const ASK_EVERY_MS = 500
/** Clients hear within three seconds that a broker hangs. */
const LATE_MS = 2_000

/**
 * Watches until it is stopped. unasked (nothing is awaited) -> awaiting (since `askedMs`) -> unasked; `lost`
 * while the connection is, an answer is late, or a stream is missing.
 */
export function watchBroker({
  broker,
  log,
  onChange,
  missing = () => [],
  lateMs = LATE_MS
}: BrokerWatchOptions): BrokerWatch {
  let told: BrokerAnswer = broker.state() === 'connected' ? 'connected' : 'lost'
  let askedMs: number | undefined
  let answeredMs = performance.now()
  let checkedMs = answeredMs
  let answerMs = 0
  let asking = 0

  const ask = (): void => {
    const own = ++asking
    askedMs = performance.now()
    // One that fails is no answer: the connection is about to be given up, and its state says so a moment later.
    broker.flush().then(
      () => answered(own),
      () => {}
    )
  }
  const answered = (own: number): void => {
    if (own !== asking || askedMs === undefined) return
    answeredMs = performance.now()
    answerMs = answeredMs - askedMs
    askedMs = undefined
    tell()
  }
  const isLate = (): boolean => askedMs !== undefined && performance.now() - askedMs > lateMs
  const tell = (): void => {
    const answers = broker.state() === 'connected' && !isLate()
    const now = answers && missing().length === 0 ? 'connected' : 'lost'
    if (now === told) return
    told = now
    if (now === 'connected') log.info('broker answers again: clients are told')
    else if (answers) log.warn({ streams: missing() }, 'broker lacks streams: clients are told')
    else log.warn('broker does not answer: clients are told')
    onChange(now)
  }
  const check = (): void => {
    const nowMs = performance.now()
    // A loop that was blocked here has not read the answer yet.
    if (nowMs - checkedMs > 2 * CHECK_MS && askedMs !== undefined) askedMs = nowMs
    checkedMs = nowMs
    if (askedMs === undefined && broker.state() === 'connected' && nowMs - answeredMs >= ASK_EVERY_MS) ask()
    tell()
  }
  const timer = setInterval(check, CHECK_MS)
  const offState = broker.onState(() => {
    // What was asked on the connection before will not be answered.
    askedMs = undefined
    asking++
    answeredMs = performance.now()
    tell()
  })

  return {
    state: () => told,
    answerSeconds: () => (askedMs === undefined ? answerMs : performance.now() - askedMs) / 1000,
    stop() {
      clearInterval(timer)
      offState()
    }
  }
}
