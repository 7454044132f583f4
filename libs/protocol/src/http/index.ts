export {
  AUDIT_LIST_LIMITS,
  type AuditAnswer,
  type AuditQueryTexts,
  type AuditRecord,
  auditQuerySchema,
  auditRecordSchema,
  auditSchema,
  type ListedAuditRecord
} from './audit.ts'
export { AUDIT_KINDS, AUTH_EVENTS, type AuditKind, type REFUSAL_EVENTS } from './audit-kinds.ts'
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
  COMMAND_LIST_LIMITS,
  type CommandListAnswer,
  type CommandsQueryTexts,
  commandListSchema,
  commandSchema,
  commandsQuerySchema,
  type EndedAnswer,
  endedSchema,
  idSchema,
  recordSchema,
  waitSchema
} from './commands.ts'
export { errorSchema, errorsOf } from './errors.ts'
export {
  EVENT_LIST_LIMITS,
  type EventsAnswer,
  type EventsQueryTexts,
  eventsQuerySchema,
  eventsSchema,
  type RecordedEvent
} from './events.ts'
export {
  type HistoryAnswer,
  type HistoryBucket,
  type HistoryExtreme,
  type HistoryQueryTexts,
  type HistoryWaiting,
  historyQuerySchema,
  historySchema,
  MAX_FIELD_BYTES
} from './history.ts'
export { LIVE_EVENTS_LIMITS, type LiveEventsQueryTexts, liveEventsQuerySchema } from './live-events.ts'
export { type MeAnswer, meSchema } from './me.ts'
export {
  type ExchangeBody,
  exchangeSchema,
  type MadePersonalTokenAnswer,
  madePersonalTokenSchema,
  type NewPersonalTokenBody,
  newPersonalTokenSchema,
  PERSONAL_TOKEN_LIMITS,
  PERSONAL_TOKEN_LIST_MOST,
  type PersonalTokenAnswer,
  type PersonalTokensAnswer,
  personalTokensSchema,
  TOKEN_SCOPES,
  type TokenScope
} from './personal-tokens.ts'
export {
  type LoggedInAnswer,
  type LogInBody,
  type LogInWayAnswer,
  loggedInSchema,
  logInSchema,
  logInWaySchema,
  RETURN_PAGE_MOST,
  type RefreshBody,
  refreshSchema,
  SESSION_LIST_MOST,
  type SessionsAnswer,
  sessionsSchema
} from './sessions.ts'
export {
  SNAPSHOT_LIMITS,
  type SnapshotAnswer,
  type SnapshotQueryTexts,
  type SnapshotTopic,
  snapshotQuerySchema,
  snapshotSchema
} from './snapshot.ts'
export {
  type FirstUserBody,
  type FirstWantedAnswer,
  firstUserSchema,
  firstWantedSchema,
  type NewUserBody,
  newUserSchema,
  type OwnPasswordBody,
  ownPasswordSchema,
  USER_LIMITS,
  type UserAnswer,
  type UserChangesBody,
  type UsersAnswer,
  userChangesSchema,
  userSchema,
  usersSchema
} from './users.ts'
