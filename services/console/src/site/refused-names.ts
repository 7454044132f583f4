import type { Update } from '@meridian/client'
import { type ReadonlySignal, signal } from '@preact/signals'

/** What a producer told of new names of a component that it refused. */
export interface RefusedNames {
  readonly producer: number
  readonly component: string
  /** Class of the names, such as `evt`: each has a bound of its own. */
  readonly class: string
  /** The setting of the producer whose bound was reached, and that bound. */
  readonly setting: string
  readonly bound: number
  /** Messages refused for this reason when that was told. */
  readonly refused: number
  /** The subject that was refused last. */
  readonly example: string
  /** When that was told, TAI seconds. */
  readonly time: number
}

/** The latest of each producer and component that this page heard of; the last value tells of one component only. */
export interface RefusedNamesLog {
  readonly all: ReadonlySignal<readonly RefusedNames[]>
  /** Takes an event of a producer; false when it tells of no such refusal. */
  apply(update: Update): boolean
}

/** What was told longer ago is no news any more, seconds: a producer tells again when the number has doubled. */
const SHOWN_S = 3600
/** Components that are told of; a device that makes up components could fill the page. */
const KEPT = 50

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Creates a log that knows of no refusal. */
export function createRefusedNamesLog(): RefusedNamesLog {
  const all = signal<readonly RefusedNames[]>([])

  function apply({ parts, fields, received }: Update): boolean {
    const { component } = fields
    if (parts.csc !== 'Producer' || parts.topic !== 'refusedNames' || typeof component !== 'string')
      return false
    const told: RefusedNames = {
      producer: parts.index,
      component,
      class: textOf(fields['class']),
      setting: textOf(fields['setting']),
      bound: Number(fields['bound']),
      refused: Number(fields['refused']),
      example: textOf(fields['example']),
      time: received
    }
    const isSame = (one: RefusedNames): boolean =>
      one.producer === told.producer && one.component === component && one.class === told.class
    all.value = [...all.peek().filter(one => !isSame(one)), told].slice(-KEPT)
    return true
  }

  return { all, apply }
}

/** True while the refusal is news at `nowTai`. */
export const isNews = ({ time }: RefusedNames, nowTai: number): boolean => nowTai - time <= SHOWN_S

/** What to say of it: how much, why, and one of the names. */
export const refusedNamesText = ({ refused, component, setting, bound, example }: RefusedNames): string =>
  `${refused} messages under new names of ${component} refused, such as ${example}: the bound is ${bound} (${setting})`
