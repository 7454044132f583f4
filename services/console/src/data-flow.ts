import { SILENT_AFTER_MS } from './site/condition.ts'

/**
 * Whether data flows, and as of when its absence means something. A component is judged as of the last data
 * received from the link: when everything stops at once nobody is silent, the link is.
 *
 * flowing: data came within `STALL_MS` of the data before, or as late as it usually does where that is seldom;
 * everybody is judged as of the newest. settling: data has come again after a stall; for `SETTLE_MS` nobody is judged anew, because
 * what was held up comes one after the other. A complete set of last values ends it at once.
 */
export interface DataFlow {
  /** Live data came at this instant. */
  came(atMs: number): void
  /** A last value came that had been received at this instant. */
  recalled(heardMs: number): void
  /** Last values are complete: who is missing among them is missing. */
  complete(): void
  /** The newest instant at which live data came; undefined before the first. */
  lastMs(): number | undefined
  /** As of when components are to be judged; undefined until that is known. */
  judgedAtMs(nowMs: number): number | undefined
  /** The last time in which nobody could be heard; undefined before there was one. */
  lastStall(): Stall | undefined
}

/** A time in which nobody could be heard: from the last data before it, or minus infinity, to the first after it. */
export interface Stall {
  readonly fromMs: number
  readonly toMs: number
}

/** Heartbeats come once a second and may be held back for another. */
const STALL_MS = 2500
/**
 * After a stall components are given this long to be heard again: as much as everybody has before he is called
 * silent, here and in the commanders' record of liveness.
 */
const SETTLE_MS = SILENT_AFTER_MS
/**
 * Pauses are usual from the fifth on that follows another at once and is hardly longer: three stalls in a row are
 * seen where one part after the other is started anew.
 */
const USUAL_FROM = 5
const HARDLY_LONGER = 1.5
/** Data that comes within this is of one moment, ms. */
const MOMENT_MS = 1000

/** Tells the usual pauses of a source that is seldom heard from the stall of one that is heard all the time. */
function createUsualPauses() {
  let last = { toMs: Number.NEGATIVE_INFINITY, lengthMs: 0 }
  let row = 0
  return (fromMs: number, toMs: number): boolean => {
    const lengthMs = toMs - fromMs
    const isNext = fromMs - last.toMs <= MOMENT_MS && lengthMs <= HARDLY_LONGER * last.lengthMs
    row = isNext ? row + 1 : 1
    last = { toMs, lengthMs }
    return row >= USUAL_FROM
  }
}

/** What beats once a second has no usual pauses. */
const never = (): boolean => false

/** A flow in which nothing has come yet. `isSteady`: what comes in it beats once a second, so each pause is a stall. */
export function createDataFlow({ isSteady = false }: { readonly isSteady?: boolean } = {}): DataFlow {
  const isUsual = isSteady ? never : createUsualPauses()
  let lastMs: number | undefined
  let stall: Stall | undefined
  let recalledMs: number | undefined
  let judgedMs: number | undefined

  const isSettling = (atMs: number): boolean => stall !== undefined && atMs - stall.toMs < SETTLE_MS

  /** A flow that stops again before it has settled has not been judged in between: it is one stall. */
  function stalled(fromMs: number, toMs: number): void {
    stall = { fromMs: stall !== undefined && isSettling(fromMs) ? stall.fromMs : fromMs, toMs }
  }

  return {
    came(atMs) {
      if (lastMs === undefined) stalled(judgedMs ?? recalledMs ?? Number.NEGATIVE_INFINITY, atMs)
      else if (atMs - lastMs > STALL_MS && !isUsual(lastMs, atMs)) stalled(lastMs, atMs)
      lastMs = atMs
    },
    recalled(heardMs) {
      recalledMs = Math.max(recalledMs ?? heardMs, heardMs)
    },
    complete() {
      if (recalledMs !== undefined) judgedMs = Math.max(judgedMs ?? recalledMs, recalledMs)
      recalledMs = undefined
    },
    lastMs: () => lastMs,
    judgedAtMs(nowMs) {
      if (lastMs !== undefined && !isSettling(nowMs)) judgedMs = Math.max(judgedMs ?? lastMs, lastMs)
      return judgedMs
    },
    lastStall: () => stall
  }
}
