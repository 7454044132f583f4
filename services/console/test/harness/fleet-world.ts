import type { Update } from '@meridian/client'
import { taiSecondsOf } from '@meridian/time'
import { signal } from '@preact/signals'
import type { Stall } from '../../src/data-flow.ts'
import { type Reading, readsAll } from '../../src/session/reading.ts'
import { createFleet, type Fleet } from '../../src/site/fleet.ts'
import type { StateChange } from '../../src/site/state-log.ts'

export const NOW = Date.UTC(2026, 10, 22, 3)
export const TAI = taiSecondsOf(NOW)

/** A fleet, and the link's word on as of when it may judge; its last values have come unless told otherwise. */
export function fleetOf(
  names?: readonly string[],
  { isComplete = true, reading = readsAll }: { isComplete?: boolean; reading?: Reading } = {}
) {
  const judgedAtMs = signal(NOW)
  const lastStall = signal<Stall | undefined>(undefined)
  const heard: StateChange[] = []
  const fleet = createFleet({
    judgedAtMs,
    lastStall,
    reading,
    catalogued: () => (names === undefined ? undefined : new Set(names)),
    onChange: change => void heard.push(change)
  })
  if (isComplete) fleet.complete()
  return { fleet, judgedAtMs, lastStall, heard, conditionOf: (id: string) => fleet.find(id)?.condition.value }
}

export function update(
  subject: string,
  fields: Record<string, unknown> = {},
  more: Partial<Update> = {}
): Update {
  const [kind = '', site = '', csc = '', index, topic = ''] = subject.split('.')
  return {
    subject,
    parts: { class: kind, site, csc, index: Number(index), topic },
    seq: 1,
    time: TAI,
    received: TAI,
    fields,
    snapshot: false,
    uncatalogued: false,
    ...more
  }
}

export const beat = (fleet: Fleet, id: string, heardMs = NOW, more: Partial<Update> = {}): void =>
  fleet.apply(update(`hb.summit.${id.replace(':', '.')}`, {}, more), heardMs)

/** Beats once a second, from after `from` up to `to` ms past the beginning. */
export function beats(fleet: Fleet, id: string, from: number, to: number): void {
  for (let at = from + 1000; at <= to; at += 1000) beat(fleet, id, NOW + at)
}

export function state(fleet: Fleet, id: string, summaryState: unknown, more: Partial<Update> = {}): void {
  fleet.apply(update(`evt.summit.${id.replace(':', '.')}.summaryState`, { summaryState }, more), NOW)
}

export function carries(fleet: Fleet, index: number, instances: readonly string[], others = false): void {
  fleet.apply(update(`evt.summit.Producer.${index}.carries`, { instances, others }), NOW)
  beat(fleet, `Producer:${index}`, NOW, { snapshot: true })
}
