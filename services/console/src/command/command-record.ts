import type { Update } from '@meridian/client'
import {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  isAckRecord,
  isIntakeRecord
} from '@meridian/protocol/commands'
import { patternOf } from '@meridian/subjects'
import { type ReadonlySignal, signal } from '@preact/signals'
import { readCommands } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { Connection } from '../connection.ts'
import { type CommandEntry, recordedEntry } from './command-entry.ts'

/**
 * The commands to one instance as the record has them, everybody's: what was accepted before the page was
 * opened comes from the api, what happens meanwhile from the subjects of the record.
 */
export interface CommandRecord {
  /** Newest first. */
  readonly entries: ReadonlySignal<readonly CommandEntry[]>
  /** What of before the page was opened is there. failed: the api did not answer yet, and is asked again. */
  readonly past: ReadonlySignal<'reading' | 'known' | 'failed'>
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
}

interface Held {
  intake: IntakeRecord | undefined
  readonly stages: AckRecord[]
}

/** More than anybody scrolls through. */
const KEPT = 200

const isSame = (a: AckRecord, b: AckRecord): boolean =>
  a.state === b.state && a.time === b.time && a.boot === b.boot && a.ack === b.ack

/** Creates the record of an instance, empty; nothing is asked for before `open`. */
export function createCommandRecord({ csc, index, connection }: CommandRecordParts): CommandRecord {
  const entries = signal<readonly CommandEntry[]>([])
  const past = signal<'reading' | 'known' | 'failed'>('reading')
  const held = new Map<string, Held>()

  function heldOf(id: string): Held {
    const known = held.get(id)
    if (known !== undefined) return known
    const made: Held = { intake: undefined, stages: [] }
    held.set(id, made)
    return made
  }

  /** Stages come from the api and live, in any order and perhaps twice; their commanders' stamps order them. */
  function addStage(stage: AckRecord): void {
    const { stages } = heldOf(stage.id)
    if (stages.some(other => isSame(other, stage))) return
    stages.push(stage)
    stages.sort((a, b) => a.time - b.time)
  }

  function addHistory({ intake, stages }: CommandHistory): void {
    heldOf(intake.id).intake = intake
    for (const stage of stages) addStage(stage)
  }

  function show(): void {
    const known = [...held.values()].flatMap(({ intake, stages }) => (intake ? [{ intake, stages }] : []))
    known.sort((a, b) => b.intake.acceptedAt - a.intake.acceptedAt)
    for (const { intake } of known.splice(KEPT)) held.delete(intake.id)
    entries.value = known.map(({ intake, stages }) => recordedEntry(intake, stages))
  }

  function apply({ parts, fields }: Pick<Update, 'parts' | 'fields'>): void {
    if (parts.class === 'intake' && isIntakeRecord(fields)) heldOf(fields.id).intake = fields
    else if (parts.class === 'ack' && isAckRecord(fields)) addStage(fields)
    else return
    show()
  }

  function readPast(): () => void {
    return askUntilAnswered({
      ask: signal => readCommands(csc, index, signal),
      onAnswer({ commands }) {
        for (const history of commands) addHistory(history)
        past.value = 'known'
        show()
      },
      onFailure() {
        past.value = 'failed'
      }
    })
  }

  return {
    entries,
    past,
    add(history) {
      addHistory(history)
      show()
    },
    apply,
    open() {
      let stopReading = readPast()
      const patterns = (['intake', 'ack'] as const).map(kind => ({
        pattern: patternOf(kind, { csc, index }),
        quality: 'all' as const
      }))
      const subscription = connection.subscribe(patterns, {
        onData: apply,
        onOutcome({ kind }) {
          // What happened while nobody listened is on the record.
          if (kind === 'resumed') return
          stopReading()
          stopReading = readPast()
        }
      })
      return () => {
        stopReading()
        subscription.close()
      }
    }
  }
}
