export {
  type CatalogueJson,
  type ComponentJson,
  catalogueJson,
  type EnumerationJson,
  type FieldJson,
  type TopicJson,
  toJson
} from './json.ts'
export { catalogueOf, loadCatalogue } from './load-catalogue.ts'
export type {
  Catalogue,
  Component,
  ComponentDisplay,
  Enumeration,
  EnumerationItem,
  Field,
  Topic,
  TopicKind,
  Totals
} from './model.ts'
export { shippedFacts, shippedSiteFile, shippedSites } from './shipped-files.ts'
export {
  loadObservatory,
  type Observatory,
  type ObservatorySettings,
  observatorySettings
} from './site/load-observatory.ts'
export { loadSite, readSite } from './site/read-site.ts'
export type {
  CommandParameters,
  Instance,
  InstancePart,
  Site,
  SiteCommands,
  SiteLocation
} from './site/site.ts'
export { type SiteComponentJson, type SiteJson, siteJson } from './site/site-json.ts'
export type { SiteProblem } from './site/yaml-file.ts'
export { type TopicName, topicNamesOf, typesOf } from './types-of.ts'
