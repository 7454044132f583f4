export {
  type CatalogueAnswer,
  type ComponentAnswer,
  catalogueSchema,
  componentSchema,
  type EnumerationAnswer,
  type FieldAnswer,
  type SiteAnswer,
  type SiteComponentAnswer,
  siteSchema,
  type TopicAnswer
} from './catalogue.ts'
export {
  type AcceptedAnswer,
  acceptedSchema,
  type CommandBody,
  commandSchema,
  idSchema,
  recordSchema,
  waitSchema
} from './commands.ts'
export { errorSchema, errorsOf } from './errors.ts'
export {
  type HistoryAnswer,
  type HistoryBucket,
  type HistoryQueryTexts,
  historyQuerySchema,
  historySchema
} from './history.ts'
