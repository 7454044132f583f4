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

type SiteRole = MeAnswer['siteRoles'][string]

const roleOf = ({ siteRoles }: Pick<MeAnswer, 'siteRoles'>, name: string): SiteRole | undefined =>
  Object.hasOwn(siteRoles, name) ? siteRoles[name] : undefined

/** The roles of whoever is logged in, as the site has them. */
export const rolesOf = (me: MeAnswer): readonly SiteRole[] => me.roles.flatMap(name => roleOf(me, name) ?? [])

/** The patterns that he may read, each once. */
export const readsOf = (me: MeAnswer): readonly string[] => [
  ...new Set(rolesOf(me).flatMap(({ read }) => read))
]

/** Whether something of a pattern is within one of those that are read. */
function isWithin(reads: readonly string[], pattern: string): boolean {
  const asked = parsePattern(pattern)
  return reads.some(read => intersect(asked, parsePattern(read)).length > 0)
}

/** The reading rights of whoever `me` tells of. Each pattern is judged once per answer. */
export function createReading(me: ReadonlySignal<MeAnswer | undefined>): Reading {
  const judged = computed(() => ({ me: me.value, known: new Map<string, boolean>() }))

  function may(pattern: string): boolean {
    const { me, known } = judged.value
    if (me === undefined) return true
    const answer = known.get(pattern) ?? isWithin(readsOf(me), pattern)
    known.set(pattern, answer)
    return answer
  }

  function refusalOf(patterns: readonly string[]): string | undefined {
    const { me } = judged.value
    if (me === undefined || patterns.some(may)) return undefined
    const readers = Object.entries(me.siteRoles).flatMap(([role, { read }]) =>
      patterns.some(pattern => isWithin(read, pattern)) ? [role] : []
    )
    return lackingText(me, { allowing: readers, deed: 'read it' })
  }

  return { may, refusalOf }
}

/** Reads everything, as in mode open with a role that does. */
export const readsAll: Reading = { may: () => true, refusalOf: () => undefined }
