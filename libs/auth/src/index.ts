export { accessSettings, type OpenAccess, openAccess } from './open-access.ts'
export type { Principal } from './principal.ts'
export { assertReadable, readableParts } from './readable-parts.ts'
export { type CommandTarget, createRights, type Rights } from './rights.ts'
