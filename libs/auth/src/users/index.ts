export {
  createPersonalTokens,
  type ListedToken,
  type NewToken,
  type PersonalTokens
} from '../personal-tokens/personal-tokens.ts'
export { storedTokenSchema } from '../personal-tokens/stored-token.ts'
export { type AuditBudget, createAuditBudget } from './audit-budget.ts'
export type { Audit, AuthEvent } from './auth-event.ts'
export { createFirstAdministrator, type FirstAdministrator } from './first-administrator.ts'
export type { LoggedIn } from './issue-token.ts'
export { createLogIn, type LogIn } from './log-in.ts'
export { createLogInTries } from './log-in-tries.ts'
export { createPasswordTurns, type PasswordTurns } from './password-turns.ts'
export { hashOf } from './secrets.ts'
export { SESSION_LIMITS } from './session-limits.ts'
export type { From } from './session-record.ts'
export { createSessions, type ListedSession, type Sessions } from './sessions.ts'
export { endOf, type StoredSession, storedSessionSchema } from './stored-session.ts'
export { takesRights } from './takes-rights.ts'
export {
  type StoredUser,
  storedUserSchema,
  type User,
  userOf
} from './user.ts'
export { userNameOf } from './user-name.ts'
export { mayManageUsers } from './user-store.ts'
export { type Actor, createUsers, type NewUser, namesNothing, type UserChanges, type Users } from './users.ts'
export { type Watched, watchRecords } from './watch-records.ts'
