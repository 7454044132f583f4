import type { Message } from './message.ts'
import type { Stream } from './stream.ts'
import type { Entry, Topic } from './topic.ts'
import { type FlushCounts, flushView, refreshCursor, type View } from './view.ts'
import type { Views } from './views.ts'

/** Brings messages to the views that want them, at once or with the tick. */
export interface Deliveries {
  deliver(message: Message<Topic>, stream: Stream): void
  /** What came since the last tick is put into its views now: before anybody joins, leaves or is flushed out of turn. */
  settle(): void
  /** Sends what waits for no tick; runs by itself when the current batch of messages is through. */
  flushNow(): void
  /** One telemetry tick. */
  tick(): void
}

/** Slots of the wheel on which `latest` values wait for their tick: more than the longest period, 5 s. */
const WHEEL = 128
/** Ticks after which a cursor that moved without data is sent: 10 s, well inside the ring. */
const CURSOR_TICKS = 200

/** Deliveries to these views. */
export function createDeliveries(views: Pick<Views, 'all'>, counts: FlushCounts): Deliveries {
  const wheel: Entry[][] = Array.from({ length: WHEEL }, () => [])
  // Messages of tick streams wait here and are handed to the views at the tick, one view after the other.
  let batch: Message<Topic>[] = []
  let nowViews: View[] = []
  let tickViews: View[] = []
  let ticks = 0
  let scheduled = false

  function deliverNow(view: View, message: Message<Topic>): void {
    view.now.push(message)
    if (view.nowDue) return
    view.nowDue = true
    nowViews.push(view)
    if (scheduled) return
    scheduled = true
    setImmediate(flushNow)
  }

  function deliverWithTick(view: View, message: Message<Topic>): void {
    view.tick.push(message)
    if (view.tickDue) return
    view.tickDue = true
    tickViews.push(view)
  }

  function putOnWheel(entry: Entry): void {
    entry.waiting = true
    const due = Math.max(ticks + 1, entry.sentTick + entry.periodTicks)
    ;(wheel[due % WHEEL] as Entry[]).push(entry)
  }

  function takeFromWheel(): void {
    const due = wheel[ticks % WHEEL] as Entry[]
    if (due.length === 0) return
    wheel[ticks % WHEEL] = []
    for (const entry of due) {
      if (entry.gone) continue
      entry.waiting = false
      entry.sentTick = ticks
      if (entry.topic.last !== undefined) deliverWithTick(entry.view, entry.topic.last)
    }
  }

  function flushNow(): void {
    scheduled = false
    const due = nowViews
    nowViews = []
    for (const view of due) {
      view.nowDue = false
      flushView(view, false, counts)
    }
  }

  function settle(): void {
    if (batch.length === 0) return
    const messages = batch
    batch = []
    for (const message of messages)
      for (const entry of message.topic.all) {
        entry.view.tickHasAll = true
        deliverWithTick(entry.view, message)
      }
  }

  return {
    flushNow,
    settle,
    deliver(message, stream) {
      const { all, latest } = message.topic
      if (stream.flush === 'now') for (const entry of all) deliverNow(entry.view, message)
      else if (all.length > 0) batch.push(message)
      for (const entry of latest) if (!entry.waiting) putOnWheel(entry)
    },
    tick() {
      ticks++
      settle()
      takeFromWheel()
      const due = tickViews
      tickViews = []
      for (const view of due) {
        view.tickDue = false
        flushView(view, true, counts)
      }
      for (const view of views.all())
        if ((ticks + view.number) % CURSOR_TICKS === 0) refreshCursor(view, counts)
    }
  }
}
