import { AppError } from '@meridian/errors'
import { idOf } from './frame-id.ts'
import type { WorkBudget } from './work-budget.ts'
import type { WorkFrame } from './work-frame.ts'

/** Frames that cost work and may wait while an earlier one is worked on or awaits its turn. */
const MAX_QUEUED = 64

/** Whoever does the work that a connection's frames ask for. */
export interface FrameWorker {
  /** What the connection has spent; says how long the next work has to wait. */
  readonly account: WorkBudget
  /** False: nothing is begun any more. */
  readonly isOpen: boolean
  perform(frame: WorkFrame): void | Promise<void>
  /** Tells the client that a frame could not be done. */
  refuseFrame(frame: WorkFrame, caught: unknown): void
}

/**
 * The frames of one connection that cost work, done in their order: the next one begins when the one before has
 * ended and the connection's budget allows it.
 */
export class WorkQueue {
  readonly #worker: FrameWorker
  #isWorking = false
  /** Undefined: empty, as it is in most connections. */
  #waiting: WorkFrame[] | undefined

  constructor(worker: FrameWorker) {
    this.#worker = worker
  }

  /** Does the frame now or in its turn; throws GTW_TOO_FAST where too many wait. */
  take(frame: WorkFrame): void {
    if (this.#isWorking) this.#enqueue(frame)
    else this.#work(frame)
  }

  #enqueue(frame: WorkFrame): void {
    this.#waiting ??= []
    if (this.#waiting.length >= MAX_QUEUED) throw new AppError('GTW_TOO_FAST', { id: idOf(frame) })
    this.#waiting.push(frame)
  }

  #work(frame: WorkFrame): void {
    this.#isWorking = true
    const waitMs = this.#worker.account.waitMs()
    if (waitMs === 0) this.#begin(frame)
    else setTimeout(() => this.#begin(frame), waitMs)
  }

  #begin(frame: WorkFrame): void {
    if (!this.#worker.isOpen) return
    try {
      const done = this.#worker.perform(frame)
      if (done instanceof Promise) void done.catch(this.#failed(frame)).finally(() => this.#next())
      else this.#next()
    } catch (caught) {
      this.#failed(frame)(caught)
      this.#next()
    }
  }

  #failed(frame: WorkFrame): (caught: unknown) => void {
    return caught => this.#worker.refuseFrame(frame, caught)
  }

  #next(): void {
    this.#isWorking = false
    const frame = this.#waiting?.shift()
    if (this.#waiting?.length === 0) this.#waiting = undefined
    if (frame !== undefined && this.#worker.isOpen) this.#work(frame)
  }
}
