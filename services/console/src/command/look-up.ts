import { type AckRecord, type CommandHistory, isTerminal } from '@meridian/protocol/commands'
import { readCommand } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import { followByApi } from './api-door.ts'

/** Who hears what became of a command whose doors gave no answer. */
export interface LookUpHandlers {
  /** It was accepted; called once, with what the record holds by then. */
  onRecord(history: CommandHistory): void
  /** Called with its stages after that, until the last; with some more than once. */
  onStage(stage: AckRecord): void
  /** Nothing was accepted, and nothing can be any more. */
  onNone(): void
}

/**
 * So long after the page was given no answer a door may still get the command accepted, ms: doors wait for 8 s,
 * and commanders accept nothing that they read later [docs/commands.md#acceptance].
 */
const LATEST_ACCEPTANCE_MS = 10_000
/** Pause before a record that does not hold the command yet is asked again, ms. */
const AGAIN_MS = 1000

/**
 * Asks the record for a command by its id until it says what happened: the end of the command, or, once no
 * door can get it accepted any more, that nothing was accepted. An api that does not answer is asked until it
 * does.
 */
export function lookUp(id: string, { onRecord, onStage, onNone }: LookUpHandlers): void {
  const finalFromMs = performance.now() + LATEST_ACCEPTANCE_MS

  function take(history: CommandHistory): void {
    onRecord(history)
    if (!isTerminal(history.state)) followByApi(id, onStage, new AbortController().signal)
  }

  function ask(): void {
    const askedMs = performance.now()
    askUntilAnswered({
      ask: () => readCommand(id),
      onAnswer(history) {
        if (history !== undefined) take(history)
        else if (askedMs >= finalFromMs) onNone()
        else setTimeout(ask, AGAIN_MS)
      }
    })
  }

  ask()
}
