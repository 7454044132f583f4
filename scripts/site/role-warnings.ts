import { createRights } from '@meridian/auth'
import type { Site } from '@meridian/catalogue'
import { heartbeatOf, heartbeatsOf, samplesOf } from '@meridian/subjects'

/**
 * A sentence for each role that reads what instances say and not their heartbeats: by these the console judges whether
 * somebody is there.
 */
export function unjudgedWarnings({ name: site, instances, roles }: Site): readonly string[] {
  const rights = createRights(roles)
  return [...roles.keys()].flatMap(role => {
    const reads = (subject: string): boolean =>
      rights.readable({ name: role, roles: [role] }, subject).length > 0
    const places = instances.map(instance => ({ site, ...instance }))
    const seen = places.filter(instance => samplesOf(instance).some(reads))
    const unjudged = seen.filter(instance => !reads(heartbeatOf(instance)))
    if (unjudged.length === 0) return []
    return [
      `role ${role} reads no heartbeats (${heartbeatsOf(site)}) of ${unjudged.length} of the ${seen.length} instances that it sees: for it the console cannot judge whether they are there`
    ]
  })
}
