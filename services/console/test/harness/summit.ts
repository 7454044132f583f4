import { loadCatalogue, loadSite, siteJson } from '@meridian/catalogue'
import type { SiteAnswer } from '@meridian/protocol/http'

/** What the api tells a page of the shipped summit. */
export const summit: SiteAnswer = JSON.parse(JSON.stringify(siteJson(loadSite('summit'), loadCatalogue())))
