import type { CommandRequest } from '@meridian/protocol/live'
import { intakeOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
import type { Observatory } from './observatory.ts'

const now = (): number => taiSecondsOf(Date.now())

/** What each observatory was asked: a stop that nobody accepts within a second comes by a second door, under its id. */
const asked = new WeakMap<Observatory, Set<string>>()

function isAskedAgain(observatory: Observatory, id: string): boolean {
  const ids = asked.get(observatory) ?? new Set()
  asked.set(observatory, ids)
  return ids.has(id) || !ids.add(id)
}

type TellStage = (state: string, more: object, afterMs: number) => void

function tellStages(stage: TellStage, command: string): void {
  stage('dispatching', {}, 60)
  stage('inProgress', { ack: 301, timeoutSeconds: 12, result: '' }, 150)
  if (command === 'enable')
    stage('failed', { ack: -302, error: 1, result: 'Failed: enable not allowed' }, 300)
  else stage('complete', { ack: 303, error: 0, result: 'Done' }, 900)
}

/**
 * Answers of the real commander's kinds: a bad parameter named, a command that runs a while, one that fails,
 * and a stop of a component that was not heard for `silentSeconds`.
 */
export function answerCommand(
  observatory: Observatory,
  site: string,
  request: CommandRequest,
  silentSeconds?: number
): unknown {
  const { id, csc, index, command, params } = request
  if (Number(params['azimuth']) > 360)
    return {
      op: 'command',
      id,
      error: {
        code: 'CMD_BAD_PARAMETER',
        message: 'CMD_BAD_PARAMETER: a parameter is wrong',
        canRetry: false,
        facts: {
          problems: [
            { parameter: 'azimuth', expected: 'double, -360 to 360', got: String(params['azimuth']) }
          ]
        }
      }
    }
  const acceptedAt = now()
  const accepted = { id, acceptedAt, notAfter: acceptedAt + 10 }
  const duplicate = isAskedAgain(observatory, id)
  const intake = {
    ...accepted,
    site,
    csc,
    index,
    command,
    params,
    principal: 'anonymous',
    door: 'gateway',
    acceptedBy: 'commander-1'
  }
  if (!duplicate) observatory.say(intakeOf({ site, csc, index }, id), intake)
  const ackSubject = `ack.${site}.${csc}.${index}.${id}`
  const stage: TellStage = (state, more, afterMs) => {
    setTimeout(() => {
      observatory.say(ackSubject, {
        id,
        csc,
        index,
        command,
        state,
        time: now(),
        commander: 'commander-1',
        boot: 'b1',
        ...more
      })
    }, afterMs).unref()
  }
  if (!duplicate) tellStages(stage, command)
  const warning = {
    code: 'CMD_OFFLINE',
    message: 'CMD_OFFLINE: component is offline',
    canRetry: true,
    facts: { silentSeconds }
  }
  return {
    op: 'command',
    id,
    accepted: {
      ...accepted,
      state: 'accepted',
      ackSubject,
      duplicate,
      ...(silentSeconds !== undefined && { warning })
    }
  }
}
