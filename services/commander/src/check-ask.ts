import type { Access, Principal } from '@meridian/auth'
import type { AuditPart } from '@meridian/auth/audit'
import type { BrokerMessage } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { AUTHORIZATION, bearerOf, type CommandAsk } from '@meridian/protocol/commands'
import { isInbox } from '@meridian/subjects'
import type { Candidate } from './accept.ts'
import { type CheckedCommand, type CheckFacts, checkCommand, type Target } from './check-command.ts'

/** By what it is decided who asks for a command, and whether he may. */
export interface AskParts {
  readonly facts: CheckFacts
  readonly access: Pick<Access, 'identify' | 'mode'>
  /** Who was refused for his rights or his token is told to the audit. */
  readonly audit: Pick<AuditPart, 'tellRefused'>
}

/**
 * Who asks is whoever the token speaks for. In open mode nobody proves who he is: the name is kept as it was said,
 * and the roles are those that everybody has.
 */
async function principalOf(
  { access }: Pick<AskParts, 'access'>,
  message: BrokerMessage,
  claimed: CommandAsk['principal']
): Promise<Principal> {
  const principal = await access.identify(bearerOf(message.headers()[AUTHORIZATION]))
  return access.mode === 'open' && claimed !== undefined ? { ...principal, name: claimed.name } : principal
}

/** An ask with whoever it is made for, and what of it was checked. */
interface CheckedAsk {
  readonly ask: Candidate['ask']
  readonly checked: CheckedCommand
}

/** Finds out who asks and checks it; a refusal of either is told to the audit too. */
export async function checkAsk(
  context: AskParts,
  message: BrokerMessage,
  { principal: claimed, ...asked }: CommandAsk,
  target: Target
): Promise<CheckedAsk> {
  let principal: Principal | undefined
  try {
    principal = await principalOf(context, message, claimed)
    const ask = { ...asked, principal }
    return { ask, checked: checkCommand(context.facts, target, ask) }
  } catch (caught) {
    const about = `${target.csc}.${target.index}.${target.command}`
    const who = { name: principal?.name, address: principal?.proof?.host }
    context.audit.tellRefused(AppError.from(caught), { ...who, door: asked.door, about })
    throw caught
  }
}

/**
 * A command asks for its answer at an inbox: what JetStream or a service was made to write on `cmd.` does not
 * [docs/adr/0018-rights-at-the-broker.md]. Throws CMD_BAD_REQUEST.
 */
export function assertAsked({ reply }: BrokerMessage): void {
  if (reply === undefined || !isInbox(reply))
    throw new AppError('CMD_BAD_REQUEST', { detail: 'asks for no answer at an inbox' })
}
