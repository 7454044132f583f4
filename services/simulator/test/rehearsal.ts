import { type Catalogue, type Instance, loadCatalogue } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import type { ExecReply } from '@meridian/protocol/commands'
import type { Component } from '../src/component.ts'
import { momentOf, TICKS_PER_SECOND } from '../src/moment.ts'
import { createObservatory, type Observatory } from '../src/observatory.ts'

/** One message as it was published, and when. */
export interface Said {
  readonly subject: string
  readonly seconds: number
  readonly fields: Fields
}

/** An observatory that is played without a broker and without a clock. */
export interface Rehearsal {
  readonly observatory: Observatory
  component(name: string): Component
  /** Plays on for so many seconds. */
  play(seconds: number): void
  /** Sends a command and gives the list to which its answers are added. */
  order(name: string, command: string, params?: Record<string, unknown>): ExecReply[]
  /** All that was said on a subject that ends so, or that is asked for, oldest first. */
  said(which: string | ((subject: string) => boolean)): readonly Said[]
  last(ending: string): Fields
  forget(): void
  seconds(): number
}

export interface RehearsalOptions {
  readonly instances: readonly Instance[]
  readonly seed?: number
  readonly boot?: number
  readonly night?: boolean
  readonly hollow?: number
  readonly holdSeconds?: number
  readonly restartSeconds?: number
}

/** TAI seconds at which every rehearsal begins. */
export const OPENING_TAI = 1_780_000_000

let catalogue: Catalogue | undefined

/** Begins a rehearsal of some instances. */
export function rehearse(options: RehearsalOptions): Rehearsal {
  const messages: { subject: string; seconds: number; data: Uint8Array }[] = []
  catalogue ??= loadCatalogue()
  let tick = 0
  const observatory = createObservatory({
    catalogue,
    site: 'test',
    seed: 1,
    boot: 1,
    night: false,
    hollow: 0,
    holdSeconds: 300,
    restartSeconds: 5,
    ...options,
    publish: (subject, data) => messages.push({ subject, seconds: tick / TICKS_PER_SECOND, data }),
    onError: err => {
      throw err
    }
  })
  const now = () => momentOf(tick, OPENING_TAI)
  const component = (name: string): Component => {
    const found = observatory.components.get(name)
    if (found === undefined) throw new Error(`no ${name} in this rehearsal`)
    return found
  }
  const said: Rehearsal['said'] = which =>
    messages
      .filter(({ subject }) => (typeof which === 'string' ? subject.endsWith(which) : which(subject)))
      .map(({ subject, seconds, data }) => ({ subject, seconds, fields: decodeFields(data) }))
  return {
    observatory,
    component,
    said,
    seconds: () => tick / TICKS_PER_SECOND,
    play(seconds) {
      for (const end = tick + Math.round(seconds * TICKS_PER_SECOND); tick < end; ) {
        tick++
        observatory.tick(now())
      }
    },
    order(name, command, params = {}) {
      const replies: ExecReply[] = []
      component(name).execute({ command, params, reply: reply => replies.push(reply) }, now())
      return replies
    },
    last(ending) {
      const found = messages.findLast(({ subject }) => subject.endsWith(ending))
      if (found === undefined) throw new Error(`nothing was said on ${ending}`)
      return decodeFields(found.data)
    },
    forget() {
      messages.length = 0
    }
  }
}
