import type { Broker } from '@meridian/broker'
import type { Logger } from 'pino'
import { createAckChain } from './ack-chain.ts'
import { deadlineOf } from './conversation.ts'
import type { Following } from './following.ts'
import type { OpenCommand, OpenCommands } from './open-commands.ts'
import type { Peers } from './peers.ts'

/** What adopting needs. */
export interface AdoptContext {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly open: OpenCommands
  readonly peers: Peers
  readonly following: Following
  readonly replyMs: number
  readonly signal: AbortSignal
}

/**
 * Takes over every dispatched command whose commander fell silent [docs/commands.md#a-lost-commander]: answers that still come, or came meanwhile, settle it; at its
 * deadline it is `unknown`. It is never sent again. Several commanders may adopt one command: the record lets one of them write. Returns
 * how many were taken over.
 */
export function adoptOrphans(context: AdoptContext): number {
  let adopted = 0
  for (const command of context.open.list()) if (adopt(context, command)) adopted++
  return adopted
}

function adopt(context: AdoptContext, { id, last, lastSeq }: OpenCommand): boolean {
  const { broker, site, log, following, signal } = context
  if (last === undefined || following.has(id) || !context.peers.silent(last.boot)) return false
  log.warn({ id, csc: last.csc, index: last.index, from: last.commander }, 'command adopted')
  const { csc, index, command } = last
  following.open({
    command: { id, csc, index, command },
    chain: createAckChain({ broker, target: { site, csc, index }, id, lastSeq, log, signal }),
    deadlineMs: deadlineOf(last, context.replyMs),
    adopted: true
  })
  return true
}
