import { type CommandHistory, isTerminal } from '@meridian/protocol/commands'
import { readCommand } from '../api.ts'
import { askUntilAnswered, pauseMsOf } from '../ask-until-answered.ts'

/** Who hears what became of a command whose doors gave no answer. */
export interface LookUpHandlers {
  /** It was accepted; called with all that the record holds by then, until that has the last stage. */
  onRecord(history: CommandHistory): void
  /** The record has no such command, and no door can get it accepted any more. */
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
 * does. No question waits at the api for the end: a browser has few connections, and a stop needs one.
 */
export function lookUp(id: string, { onRecord, onNone }: LookUpHandlers): void {
  const finalFromMs = performance.now() + LATEST_ACCEPTANCE_MS
  let found = 0

  function take(history: CommandHistory): void {
    onRecord(history)
    if (isTerminal(history.state)) return
    found += 1
    setTimeout(ask, pauseMsOf(found))
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
