import type { Outcome, Update } from '@meridian/client'
import {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  isAckRecord,
  isIntakeRecord,
  isTerminal
} from '@meridian/protocol/commands'
import { patternOf } from '@meridian/subjects'
import { type ReadonlySignal, signal } from '@preact/signals'
import { readCommands } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { Connection } from '../connection.ts'
import type { Reading } from '../session/reading.ts'
import { type CommandEntry, recordedEntry } from './command-entry.ts'

/**
 * The commands to one instance as the record has them, everybody's: what was accepted before the page was
 * opened comes from the api, what happens meanwhile from the subjects of the record.
 */
export interface CommandRecord {
  /** Newest first. */
  readonly entries: ReadonlySignal<readonly CommandEntry[]>
  /**
   * What of before the page was opened is there. failed: the api did not answer yet, and is asked again; refused: what
   * others send may not be read.
   */
  readonly past: ReadonlySignal<'reading' | 'known' | 'failed' | 'refused'>
  /** Takes one command as the api tells it. */
  add(history: CommandHistory): void
  /** Takes a message of the record. */
  apply(update: Pick<Update, 'parts' | 'fields'>): void
  /** Reads what was before and follows what comes; returns what ends that. */
  open(): () => void
}

/** Instance and connection of a record. */
export interface CommandRecordParts {
  readonly csc: string
  readonly index: number
  readonly connection: Pick<Connection, 'subscribe'>
  readonly reading: Reading
}

interface Held {
  intake: IntakeRecord | undefined
  readonly stages: AckRecord[]
}

/** More than anybody scrolls through. */
const KEPT = 200

const isSame = (a: AckRecord, b: AckRecord): boolean =>
  a.state === b.state && a.time === b.time && a.boot === b.boot && a.ack === b.ack

/**
 * The order of the record: the dispatch first, the end last. Stamps tell the order of what is between alone:
 * several stages may have one, and a commander that adopted the command another clock.
 */
const inOrder = (a: AckRecord, b: AckRecord): number => placeOf(a) - placeOf(b) || a.time - b.time

function placeOf({ state }: AckRecord): number {
  if (state === 'dispatching') return 0
  return isTerminal(state) ? 2 : 1
}

/** The commands that are held, each with the stages told of it, in whatever order they come. */
function createHeldCommands() {
  const held = new Map<string, Held>()

  function heldOf(id: string): Held {
    const known = held.get(id)
    if (known !== undefined) return known
    const made: Held = { intake: undefined, stages: [] }
    held.set(id, made)
    return made
  }

  function addIntake(intake: IntakeRecord): void {
    heldOf(intake.id).intake = intake
  }

  /** Stages come from the api and live, in any order and perhaps twice. */
  function addStage(stage: AckRecord): void {
    const { stages } = heldOf(stage.id)
    if (stages.some(other => isSame(other, stage))) return
    stages.push(stage)
    stages.sort(inOrder)
  }

  function addHistory({ intake, stages }: CommandHistory): void {
    addIntake(intake)
    for (const stage of stages) addStage(stage)
  }

  /** Newest first; what is older than the last that is kept is let go. */
  function newest(): readonly CommandEntry[] {
    const known = [...held.values()].flatMap(({ intake, stages }) => (intake ? [{ intake, stages }] : []))
    known.sort((a, b) => b.intake.acceptedAt - a.intake.acceptedAt)
    for (const { intake } of known.splice(KEPT)) held.delete(intake.id)
    return known.map(({ intake, stages }) => recordedEntry(intake, stages))
  }

  return { addIntake, addStage, addHistory, newest }
}

/** Who may read the stages of the commands to an instance may read its record [docs/adr/0016-who-may-do-what.md]. */
export const stagesPattern = (csc: string, index: number): string => patternOf('ack', { csc, index })

const recordPatterns = (csc: string, index: number) =>
  (['intake', 'ack'] as const).map(kind => ({
    pattern: patternOf(kind, { csc, index }),
    quality: 'all' as const
  }))

/** Creates the record of an instance, empty; nothing is asked for before `open`. */
export function createCommandRecord({ csc, index, connection, reading }: CommandRecordParts): CommandRecord {
  const entries = signal<readonly CommandEntry[]>([])
  const past = signal<'reading' | 'known' | 'failed' | 'refused'>('reading')
  const held = createHeldCommands()

  function show(): void {
    entries.value = held.newest()
  }

  function add(history: CommandHistory): void {
    held.addHistory(history)
    show()
  }

  function apply({ parts, fields }: Pick<Update, 'parts' | 'fields'>): void {
    if (parts.class === 'intake' && isIntakeRecord(fields)) held.addIntake(fields)
    else if (parts.class === 'ack' && isAckRecord(fields)) held.addStage(fields)
    else return
    show()
  }

  function takePast(commands: readonly CommandHistory[]): void {
    for (const history of commands) held.addHistory(history)
    past.value = 'known'
    show()
  }

  function readPast(): () => void {
    return askUntilAnswered({
      ask: signal => readCommands(csc, index, signal),
      onAnswer: ({ commands }) => takePast(commands),
      onFailure() {
        past.value = 'failed'
      },
      onForbidden: refuse
    })
  }

  function refuse(): void {
    past.value = 'refused'
  }

  function open(): () => void {
    if (reading.may(stagesPattern(csc, index))) return follow()
    refuse()
    return () => undefined
  }

  function follow(): () => void {
    let stopReading = readPast()
    function onOutcome({ kind }: Outcome): void {
      // What happened while nobody listened is on the record.
      if (kind === 'resumed') return
      stopReading()
      stopReading = readPast()
    }
    const subscription = connection.subscribe(recordPatterns(csc, index), { onData: apply, onOutcome })
    return () => {
      stopReading()
      subscription.close()
    }
  }

  return { entries, past, add, apply, open }
}
