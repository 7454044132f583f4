import type { CommandOptions } from '@meridian/client'
import type { WireError } from '@meridian/errors'
import { type AckRecord, type CommandAccepted, isTerminal } from '@meridian/protocol/commands'
import { awaitCommand, mayBeAskedAgain, postCommand, wireErrorOf } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'

/** A command with its id, which both doors give it: what comes to the commanders twice runs once. */
export type NamedCommand = CommandOptions & { readonly id: string }

/** When the api is asked for a command, and until when. */
export interface ApiDoorOptions {
  /** How long the api is not asked yet, ms; 0 asks at once. */
  readonly afterMs: number
  /** Aborted once nothing more is to be asked: another door has it, or its time is up. */
  readonly signal: AbortSignal
}

/**
 * Asks the api for a command until it is answered. Resolves with the acceptance, rejects with the refusal, or
 * when it is given up with the last failure, if any.
 */
export function acceptByApi(
  command: NamedCommand,
  { afterMs, signal }: ApiDoorOptions
): Promise<CommandAccepted> {
  return new Promise((resolve, reject) => {
    let failure: WireError | undefined
    let stop = (): void => undefined
    const timer = setTimeout(() => {
      stop = askUntilAnswered({
        ask: given => postCommand(command, given).catch(refusalOf),
        onAnswer: answer => ('refusal' in answer ? reject(answer.refusal) : resolve(answer)),
        onFailure: caught => {
          failure = wireErrorOf(caught)
        }
      })
    }, afterMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      stop()
      reject(failure)
    })
  })
}

/** A refusal is an answer; whatever may end otherwise is thrown and asked again. */
function refusalOf(caught: unknown): { readonly refusal: WireError } {
  if (mayBeAskedAgain(caught)) throw caught
  return { refusal: wireErrorOf(caught) }
}

/** Tells the stages of an accepted command from the record until its last one, or until it is given up. */
export function followByApi(id: string, onStage: (stage: AckRecord) => void, signal: AbortSignal): void {
  let stop = (): void => undefined
  const ask = (): void => {
    if (signal.aborted) return
    stop = askUntilAnswered({
      ask: given => awaitCommand(id, given),
      onAnswer({ stages, state }) {
        for (const stage of stages) onStage(stage)
        if (!isTerminal(state)) ask()
      }
    })
  }
  // One listener, however often the api is asked.
  signal.addEventListener('abort', () => stop(), { once: true })
  ask()
}
