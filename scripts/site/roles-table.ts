import type { Catalogue, Site, SiteRole } from '@meridian/catalogue'
import { fitsCommand } from '@meridian/protocol/commands'
import { everythingBelow, intersect, parsePattern, samplesOf } from '@meridian/subjects'
import { tableOf } from '../users/table.ts'

/** What each role of a site may, a line for each pattern, with what it covers of this site. */
export function rolesTable(site: Site, catalogue: Catalogue): string {
  const rows = [...site.roles].flatMap(([name, role]) =>
    linesOf(site, catalogue, role).map((line, at) => [at === 0 ? name : '', ...line])
  )
  return tableOf(['ROLE', 'MAY', 'PATTERN', 'WHICH COVERS'], rows)
}

function linesOf(site: Site, catalogue: Catalogue, role: SiteRole): readonly (readonly string[])[] {
  const lines = [
    ...role.read.map(pattern => ['read', pattern, readText(site, pattern)]),
    ...role.command.map(pattern => ['command', pattern, commandText(site, catalogue, pattern)]),
    ...(role.users === true ? [['manage users', '', 'and read the audit']] : [])
  ]
  return lines.length > 0 ? lines : [['nothing', '', '']]
}

const NOTHING = 'NOTHING of this site: is it spelt as the catalogue has it?'

/** The classes of subjects that instances have, for a person to count by. */
const CLASSES = ['tel', 'evt', 'hb', 'ack', 'intake', 'script'] as const

function readText({ name, instances }: Site, pattern: string): string {
  const asked = parsePattern(pattern)
  const overlaps = (other: string): boolean => intersect(asked, parsePattern(other)).length > 0
  const classes = CLASSES.filter(kind => overlaps(everythingBelow(kind, { site: name })))
  if (classes.length === 0) return NOTHING
  const seen = instances.filter(({ csc, index }) => samplesOf({ site: name, csc, index }).some(overlaps))
  const which = seen.length === instances.length ? 'all' : `${seen.length} of ${instances.length}`
  return `${classes.length === CLASSES.length ? 'everything' : classes.join(', ')}; ${which} instances`
}

function commandText({ instances }: Site, catalogue: Catalogue, pattern: string): string {
  const components = [...new Set(instances.map(({ csc }) => csc))]
  const all = components.flatMap(csc =>
    [...(catalogue.component(csc)?.commands.keys() ?? [])].map(command => ({ csc, command }))
  )
  const fitting = all.filter(({ csc, command }) => fitsCommand(pattern, csc, command))
  if (fitting.length === 0) return NOTHING
  const count = new Set(fitting.map(({ csc }) => csc)).size
  const which = fitting.length === all.length ? 'all' : String(fitting.length)
  return `${which} commands of ${count} ${count === 1 ? 'component' : 'components'}`
}
