import { createRights } from '@meridian/auth'
import type { Site, SiteRole } from '@meridian/catalogue'
import { heartbeatOf, heartbeatsOf, patternOf, samplesOf } from '@meridian/subjects'

/**
 * Sentences on roles that are no faults, and with which the console cannot tell all that it tells others: without the
 * heartbeats of instances it cannot judge whether they are there, without those of producers not who is silent, a
 * component or its producer.
 */
export function roleWarnings({ name: site, instances, roles }: Site): readonly string[] {
  const rights = createRights(roles)
  return [...roles].flatMap(([role, rows]) => {
    const reads = (subject: string): boolean =>
      rights.readable({ name: role, roles: [role] }, subject).length > 0
    const places = instances.map(instance => ({ site, ...instance }))
    const seen = places.filter(instance => samplesOf(instance).some(reads))
    const why = warningOf(rows, { site, seen, reads })
    return why === undefined ? [] : [`role ${role} ${why}`]
  })
}

interface Seen {
  readonly site: string
  readonly seen: ReadonlyArray<Parameters<typeof heartbeatOf>[0]>
  reads(subject: string): boolean
}

function warningOf({ read, command }: SiteRole, { site, seen, reads }: Seen): string | undefined {
  if (read.length === 0 && command.length > 0)
    return 'commands and reads nothing: its user sees neither how a component fares nor what becomes of a command'
  const unjudged = seen.filter(instance => !reads(heartbeatOf(instance)))
  if (unjudged.length > 0)
    return `reads no heartbeats (${heartbeatsOf(site)}) of ${unjudged.length} of the ${seen.length} instances that it sees: for it the console cannot judge whether they are there`
  const producers = patternOf('hb', { site, csc: 'Producer' })
  if (seen.length > 0 && !reads(producers))
    return `reads no heartbeats of producers (${producers}): for it the console cannot tell a silent component from a silent producer`
  return undefined
}
