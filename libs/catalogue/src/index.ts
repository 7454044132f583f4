export {
  type CatalogueJson,
  type ComponentJson,
  catalogueJson,
  type EnumerationJson,
  type FieldJson,
  type TopicJson,
  toJson
} from './json.ts'
export { catalogueOf, loadCatalogue, shippedFacts } from './load-catalogue.ts'
export type {
  Catalogue,
  Component,
  Enumeration,
  EnumerationItem,
  Field,
  Topic,
  TopicKind,
  Totals
} from './model.ts'
export {
  type InstanceSettings,
  loadInstances,
  loadSite,
  readSite,
  type SiteOptions,
  shippedSites,
  siteNames
} from './read-site.ts'
export { type Instance, type Site, type SiteProblem, type SplitPart, siteFileSchema } from './site.ts'
export { type TopicName, topicNamesOf, typesOf } from './types-of.ts'
