/**
 * A list of parts is idle -> starting (one part after the other) -> started -> stopping. `stop` enters
 * `stopping` from any state, also while a part is starting: that one is stopped too, and those after it are
 * never started. Nothing leaves `stopping`.
 */
import type { ServiceEndpoint } from '@meridian/broker'
import { notReady, type Readiness, ready } from './readiness.ts'
import type { ServiceContext, ServicePart, ServiceParts } from './service-part.ts'

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly part: ServicePart }
  | { readonly kind: 'started' }
  | { readonly kind: 'stopping'; readonly done: Promise<void> }

const idle = (): State => ({ kind: 'idle' })
const starting = (part: ServicePart): State => ({ kind: 'starting', part })
const started = (): State => ({ kind: 'started' })
const stopping = (done: Promise<void>): State => ({ kind: 'stopping', done })

/** Starts and stops several parts in order; a failed start stops those already started. */
export interface PartList {
  start(context: ServiceContext): Promise<void>
  stop(untilMs: number): Promise<void>
  readiness(): Readiness
  endpoints(): readonly ServiceEndpoint[]
}

/** Makes a list whose parts are made when it starts. */
export function createPartList(build: (context: ServiceContext) => ServiceParts): PartList {
  /** Parts whose `start` was called, in that order. */
  const opened: ServicePart[] = []
  let state = idle()

  const enter = (next: State): boolean => {
    if (state.kind === 'stopping') return false
    state = next
    return true
  }

  return {
    async start(context) {
      for (const part of build(context)) {
        if (!enter(starting(part))) return
        opened.push(part)
        await part.start(context)
      }
      enter(started())
    },
    stop(untilMs) {
      if (state.kind === 'stopping') return state.done
      const done = stopAll(opened.toReversed().map(part => () => part.stop(untilMs)))
      state = stopping(done)
      return done
    },
    readiness() {
      const degraded: string[] = []
      for (const part of opened) {
        const said = part.readiness?.() ?? ready
        if (!said.ready) return said
        degraded.push(...(said.degraded ?? []))
      }
      if (state.kind === 'starting') return notReady(`waiting for ${state.part.name}`)
      return degraded.length === 0 ? ready : { ready: true, degraded }
    },
    endpoints: () => opened.flatMap(part => part.endpoints?.() ?? [])
  }
}

/**
 * Combines parts into one that creates them when the broker is connected, for parts that need it to be
 * created. They start in order and stop in reverse. `/readyz` names the part that is starting, or `name`
 * before the first.
 */
export function partGroup(name: string, build: (context: ServiceContext) => ServiceParts): ServicePart {
  return { name, ...createPartList(build) }
}

/** Closes one after the other. A failure does not keep the others from closing; it is thrown at the end. */
export async function stopAll(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (err) {
      failures.push(err)
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, 'several parts did not stop as they should')
  if (failures.length === 1) throw failures[0]
}
