export { catalogueJson, toJson } from './json.ts'
export { catalogueOf, loadCatalogue } from './load-catalogue.ts'
export type {
  Catalogue,
  Component,
  Enumeration,
  Field,
  Topic,
  TopicKind,
  Totals
} from './model.ts'
export { avroTypes, parseSalName, salNameOf, typesOfAvro } from './sal-names.ts'
export { queueOf, SCRIPTS_PER_QUEUE } from './script-indices.ts'
export { shippedFacts, shippedSiteFile, shippedSites } from './shipped-files.ts'
export type { SiteFault } from './site/check-site.ts'
export { stopParametersOf } from './site/command-rules.ts'
export type { ProducerProfile, SiteDeploy } from './site/deploy-section.ts'
export {
  loadObservatory,
  type Observatory,
  observatorySettings
} from './site/load-observatory.ts'
export { loadSite, mergeSiteFile, readSite } from './site/read-site.ts'
export {
  type CommandParameters,
  type Instance,
  type InstancePart,
  instanceNameOf,
  type Site,
  type SiteLocation,
  type SiteRole
} from './site/site.ts'
export { siteJson } from './site/site-json.ts'
export { topicsOfPart } from './site/topics-of-part.ts'
export { type SiteProblem, siteProblemsOf, siteProblemText } from './site/yaml-file.ts'
export { type TopicName, topicNamesOf, typeNameOf, typesOf } from './types-of.ts'
