import type { AckRecord, CommandHistory, IntakeRecord } from '@meridian/protocol/commands'
import type { EventsAnswer } from '@meridian/protocol/http'
import { patternOf } from '@meridian/subjects'
import type { Observatory } from './observatory.ts'

/** The record of one command, by its id; undefined where none was accepted. */
export function commandRecord(observatory: Observatory, id: string): CommandHistory | undefined {
  const [accepted] = observatory.matching(patternOf('intake', { id }))
  if (accepted === undefined) return undefined
  const stages = observatory
    .matching(patternOf('ack', { id }))
    .map(({ fields }) => fields as unknown as AckRecord)
  const state = stages.at(-1)?.state ?? 'accepted'
  return { id, state, intake: accepted.fields as unknown as IntakeRecord, stages }
}

/** What `GET /api/commands` answers. */
export function commandList(observatory: Observatory, query: URLSearchParams): unknown {
  const [csc, index] = [query.get('component') ?? '', Number(query.get('index'))]
  const accepted = observatory.matching(patternOf('intake', { csc, index })).toReversed()
  const commands = accepted.map(({ fields }) => commandRecord(observatory, String(fields['id'])))
  return { commands, complete: true }
}

/** What `GET /api/events` answers; undefined where it refuses: events of scripts are on a record of their own. */
export function eventList(observatory: Observatory, query: URLSearchParams): EventsAnswer | undefined {
  const patterns = query.getAll('pattern')
  if (new Set(patterns.map(pattern => pattern.split('.')[0])).size !== 1) return undefined
  const all = patterns.flatMap(pattern => observatory.matching(pattern)).sort((a, b) => b.seq - a.seq)
  const events = all.slice(0, Number(query.get('limit')))
  return {
    events: events.map(({ subject, time, received, fields }) => ({ subject, time, received, fields })),
    heldFrom: all.at(-1)?.received ?? null,
    complete: events.length === all.length
  }
}
