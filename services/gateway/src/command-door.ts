import type { Principal } from '@meridian/auth'
import type { Broker } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { askCommander, type CommandAnswer, type CommanderClock } from '@meridian/protocol/commands'
import type { CommandRequest, ControlRecord } from '@meridian/protocol/live'
import { endedBy, type Tracer } from '@meridian/service'

/** Sends a client's commands to the commanders and returns their answer; it decides nothing [docs/commands.md#asking]. */
export interface CommandDoor {
  /** Resolves to the answer, which is an error record where the command was refused; never rejects. */
  ask(request: CommandRequest, principal: Principal): Promise<ControlRecord>
}

const ANSWER_MS = 5_000

/** The site whose commanders are asked, and the clock that they refuse late requests by. */
export interface CommandDoorOptions {
  readonly site: string
  readonly commanderClock: Pick<CommanderClock, 'acceptBy'>
  readonly tracer: Tracer
}

/** Creates the command door of one site. */
export function createCommandDoor(
  broker: Broker,
  { site, commanderClock, tracer }: CommandDoorOptions
): CommandDoor {
  async function send({ op: _op, ...request }: CommandRequest, principal: Principal): Promise<CommandAnswer> {
    const { csc, index, command } = request
    const { name, proof } = principal
    const about = { site, principal: name, token: proof?.token, door: 'gateway', timeoutMs: ANSWER_MS }
    const span = tracer.start('command', {
      kind: 'client',
      attributes: {
        door: 'gateway',
        csc,
        index,
        command,
        ...(request.id !== undefined && { id: request.id })
      }
    })
    const { headers } = span
    const acceptBy = commanderClock.acceptBy(ANSWER_MS)
    return endedBy(span, askCommander(broker, { ...request, ...about, headers, acceptBy }))
  }
  return {
    async ask(request, principal) {
      const { id } = request
      try {
        const answer = await send(request, principal)
        return 'error' in answer
          ? { op: 'command', id, error: answer.error }
          : { op: 'command', id, accepted: answer }
      } catch (caught) {
        return { op: 'command', id, error: AppError.from(caught).toWire() }
      }
    }
  }
}
