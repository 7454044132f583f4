import type { IntakeRecord } from '@meridian/protocol/commands'
import { ackByIdOf, ackOf } from '@meridian/subjects'
import type { PrincipalRights } from './access.ts'
import { isReadable, notReadable } from './readable-parts.ts'

/** What of a command decides who may read its record. */
type RecordedCommand = Pick<IntakeRecord, 'site' | 'csc' | 'index' | 'id' | 'command' | 'principal'>
type RecordAccess = Pick<PrincipalRights, 'principal'> & {
  readonly rights: Pick<PrincipalRights['rights'], 'readable' | 'mayCommand'>
}

/**
 * Whether the principal may read the record of a command: as whoever reads its stages on `ack.`, or as whoever sent
 * it, while its roles may send such a command [docs/adr/0016-who-may-do-what.md].
 */
export function isReadableRecord({ rights, principal }: RecordAccess, command: RecordedCommand): boolean {
  if (isReadable({ rights, principal }, ackOf(command, command.id))) return true
  return command.principal === principal.name && rights.mayCommand(principal, command)
}

/** Throws AUT_NOT_READABLE, which names the roles that may, and not whose command it is, where `isReadableRecord` says no. */
export function assertReadableRecord(access: PrincipalRights, command: RecordedCommand): void {
  if (isReadableRecord(access, command)) return
  throw notReadable(access, ackByIdOf(command.site, command.id), ackOf(command, command.id))
}
