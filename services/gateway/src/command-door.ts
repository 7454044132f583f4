import type { Principal, Rights } from '@meridian/auth'
import type { Broker } from '@meridian/broker'
import { AppError, type WireError } from '@meridian/errors'
import type { CommandAccepted } from '@meridian/protocol/commands'
import type { CommandRequest, ControlRecord } from '@meridian/protocol/live'
import { commandOf } from '@meridian/subjects'

/** Passes commands on to the commanders and brings their answer back. Holds no policy [docs/commands.md#asking]. */
export interface CommandDoor {
  /** Never throws: a refusal is an answer too. */
  ask(request: CommandRequest, principal: Principal): Promise<ControlRecord>
}

const ANSWER_MS = 5_000

/** A door for the commands of one site. */
export function createCommandDoor(
  broker: Broker,
  { site, rights }: { site: string; rights: Rights }
): CommandDoor {
  const send = async (request: CommandRequest, principal: Principal): Promise<unknown> => {
    const { id, csc, index, command, params, notAfterSeconds } = request
    if (!rights.mayCommand(principal, { csc, index, command }))
      throw new AppError('GTW_NOT_COMMANDABLE', { csc, index, command })
    const body = { id, params, principal: principal.name, door: 'gateway', notAfterSeconds }
    const subject = commandOf({ site, csc, index }, command)
    const reply = await broker.request(subject, JSON.stringify(body), { timeoutMs: ANSWER_MS })
    return JSON.parse(reply.text())
  }
  return {
    async ask(request, principal) {
      const { id } = request
      try {
        return answerOf(id, await send(request, principal))
      } catch (caught) {
        return { op: 'command', id, error: refusalOf(caught).toWire() }
      }
    }
  }
}

function answerOf(id: string, answer: unknown): ControlRecord {
  if (typeof answer !== 'object' || answer === null) throw new AppError('GEN_INTERNAL')
  if ('error' in answer) return { op: 'command', id, error: answer.error as WireError }
  return { op: 'command', id, accepted: answer as CommandAccepted }
}

function refusalOf(caught: unknown): AppError {
  const err = AppError.from(caught)
  return err.code === 'BRK_NO_RESPONDERS' ? new AppError('CMD_NO_COMMANDER', { cause: err }) : err
}
