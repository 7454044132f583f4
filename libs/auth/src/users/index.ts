export type { Audit, AuthEvent, Revoker } from './auth-event.ts'
export { createFirstAdministrator, type FirstAdministrator } from './first-administrator.ts'
export { createPasswordTurns, type PasswordTurns } from './password-turns.ts'
export {
  type StoredUser,
  storedUserSchema,
  type User
} from './user.ts'
export { type Actor, createUsers, type NewUser, type UserChanges, type Users } from './users.ts'
export { type Watched, watchRecords } from './watch-records.ts'
