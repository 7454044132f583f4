import type { SiteAnswer, SiteComponentAnswer } from '@meridian/protocol/http'

/** What the api tells of the site; undefined until it has answered. */
export type SiteFacts = SiteAnswer | undefined

/**
 * Heading of whatever stands under none of its own: a component that neither the catalogue nor the site
 * knows.
 */
const OTHER = 'Other'

/** What the site tells of a component; empty until the api has answered, and for what it does not know. */
export const componentFactsOf = (site: SiteFacts, csc: string): SiteComponentAnswer =>
  site !== undefined && Object.hasOwn(site.components, csc) ? (site.components[csc] ?? {}) : {}

/** The heading under which a component stands. */
export const subsystemOf = (site: SiteFacts, csc: string): string =>
  componentFactsOf(site, csc).subsystem ?? OTHER

/** All headings of the overview, in the order of the site. */
export const headingsOf = (site: SiteFacts): readonly string[] => [
  ...(site?.subsystems ?? []).filter(heading => heading !== OTHER),
  OTHER
]
