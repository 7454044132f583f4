export {
  catalogueSchema,
  componentSchema,
  type SiteAnswer,
  type SiteComponentAnswer,
  siteSchema
} from './catalogue.ts'
export { acceptedSchema, commandSchema, idSchema, recordSchema, waitSchema } from './commands.ts'
export { errorSchema, errorsOf } from './errors.ts'
export { historyQuerySchema, historySchema } from './history.ts'
