export { openPrincipal, openRights, type Principal, type Rights } from './principal.ts'
