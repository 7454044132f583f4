import { TICK_MS } from './subscribed-pattern.ts'

/** Told after each tick how long it took, and by how much it began later than 50 ms after the last; ms. */
export type OnTick = (tookMs: number, lateMs: number) => void

/** A tick that is timed. The first one is late by nothing, since nothing says when it was due. */
export function createTimedTick(
  tick: () => void,
  onTick: OnTick,
  nowMs = () => performance.now()
): () => void {
  let dueMs = Number.POSITIVE_INFINITY
  return () => {
    const beginMs = nowMs()
    tick()
    onTick(nowMs() - beginMs, Math.max(0, beginMs - dueMs))
    dueMs = beginMs + TICK_MS
  }
}
