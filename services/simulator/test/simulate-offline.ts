import { type Catalogue, type Instance, loadCatalogue, type SiteLocation } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import type { ExecReply } from '@meridian/protocol/commands'
import type { Component } from '../src/component.ts'
import { createObservatory, type Observatory } from '../src/observatory.ts'
import { TICKS_PER_SECOND, tickAt } from '../src/tick.ts'
import { createRawOutlet } from '../src/transports/raw-outlet.ts'

/** One message as it was published, and when. */
interface PublishedMessage {
  readonly subject: string
  readonly seconds: number
  readonly fields: Fields
}

/** A simulated observatory without broker and clock: seconds pass when a test says so. */
export interface OfflineSimulation {
  readonly observatory: Observatory
  component(name: string): Component
  /** Runs on for so many simulated seconds. */
  run(seconds: number): void
  /** Sends a command and gives the list to which its answers are added. */
  command(name: string, command: string, params?: Record<string, unknown>): ExecReply[]
  /** All that was published on subjects with this ending, or on those that are asked for; oldest first. */
  published(which: string | ((subject: string) => boolean)): readonly PublishedMessage[]
  last(ending: string): Fields
  forget(): void
  seconds(): number
}

export interface OfflineOptions {
  readonly instances: readonly Instance[]
  readonly seed?: number
  readonly location?: SiteLocation
  readonly boot?: number
  readonly night?: boolean
  readonly hollow?: number
  readonly holdSeconds?: number
  readonly restartSeconds?: number
}

/** TAI seconds at which every offline simulation begins. */
export const START_TAI = 1_780_000_000

const SUMMIT: SiteLocation = {
  longitudeDeg: -70.7494,
  latitudeDeg: -30.2446,
  elevationM: 2663,
  utcOffsetHours: -4
}

let catalogue: Catalogue | undefined

/** Starts an offline simulation of some instances, by default without the automatic night. */
export function simulateOffline(options: OfflineOptions): OfflineSimulation {
  const messages: { subject: string; seconds: number; data: Uint8Array }[] = []
  catalogue ??= loadCatalogue()
  let tick = 0
  const observatory = createObservatory({
    catalogue,
    observatory: 'Rubin',
    location: SUMMIT,
    seed: 1,
    boot: 1,
    night: false,
    hollow: 0,
    holdSeconds: 300,
    restartSeconds: 5,
    ...options,
    outlet: createRawOutlet('test', (subject, data) =>
      messages.push({ subject, seconds: tick / TICKS_PER_SECOND, data })
    ),
    onError: err => {
      throw err
    }
  })
  const now = () => tickAt(tick, START_TAI)
  const component = (name: string): Component => {
    const found = observatory.components.get(name)
    if (found === undefined) throw new Error(`no ${name} in this simulation`)
    return found
  }
  const published: OfflineSimulation['published'] = which =>
    messages
      .filter(({ subject }) => (typeof which === 'string' ? subject.endsWith(which) : which(subject)))
      .map(({ subject, seconds, data }) => ({ subject, seconds, fields: decodeFields(data) }))
  return {
    observatory,
    component,
    published,
    seconds: () => tick / TICKS_PER_SECOND,
    run(seconds) {
      for (const end = tick + Math.round(seconds * TICKS_PER_SECOND); tick < end; ) {
        tick++
        observatory.tick(now())
      }
    },
    command(name, command, params = {}) {
      const replies: ExecReply[] = []
      component(name).execute({ command, params, reply: reply => replies.push(reply) }, now())
      return replies
    },
    last(ending) {
      const found = messages.findLast(({ subject }) => subject.endsWith(ending))
      if (found === undefined) throw new Error(`nothing was published on ${ending}`)
      return decodeFields(found.data)
    },
    forget() {
      messages.length = 0
    }
  }
}
