import type { MeAnswer } from '@meridian/protocol/http'
import { intersect, parsePattern } from '@meridian/subjects'
import { computed, type ReadonlySignal } from '@preact/signals'
import { lackingText } from './lacking-text.ts'

/**
 * What whoever is logged in may read, by what the api told last; all as long as it has told nothing: the doors
 * refuse what may not be read in any case. All read signals.
 */
export interface Reading {
  /** Whether something of a pattern may be read. Any site is meant where it names none. */
  may(pattern: string): boolean
  /** Why nothing of any of the patterns may be read, in words after `You may not read …: `; undefined where something may. */
  refusalOf(patterns: readonly string[]): string | undefined
}

/** The patterns that a role of the site reads. */
const readsOfRole = ({ siteRoles }: MeAnswer, role: string): readonly string[] =>
  Object.hasOwn(siteRoles, role) ? (siteRoles[role]?.read ?? []) : []

/** The patterns that whoever is logged in may read, each once. */
export const readsOf = (me: MeAnswer): readonly string[] => [
  ...new Set(me.roles.flatMap(role => readsOfRole(me, role)))
]

/** Whether a role of the site lets something of a pattern be read. */
function isReadBy(me: MeAnswer, role: string, pattern: string): boolean {
  const asked = parsePattern(pattern)
  return readsOfRole(me, role).some(read => intersect(asked, parsePattern(read)).length > 0)
}

const mayRead = (me: MeAnswer, pattern: string): boolean => me.roles.some(role => isReadBy(me, role, pattern))

/** The reading rights of whoever `me` tells of. Each pattern is judged once per answer. */
export function createReading(me: ReadonlySignal<MeAnswer | undefined>): Reading {
  const judged = computed(() => ({ me: me.value, known: new Map<string, boolean>() }))

  function may(pattern: string): boolean {
    const { me, known } = judged.value
    if (me === undefined) return true
    const answer = known.get(pattern) ?? mayRead(me, pattern)
    known.set(pattern, answer)
    return answer
  }

  function refusalOf(patterns: readonly string[]): string | undefined {
    const { me } = judged.value
    if (me === undefined || patterns.some(may)) return undefined
    const readers = Object.keys(me.siteRoles).filter(role =>
      patterns.some(pattern => isReadBy(me, role, pattern))
    )
    return lackingText(me, { allowing: readers, deed: 'read it' })
  }

  return { may, refusalOf }
}

/** Reads everything, as in mode open with a role that does. */
export const readsAll: Reading = { may: () => true, refusalOf: () => undefined }
