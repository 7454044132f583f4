import type { RecordedEvent } from '@meridian/protocol/http'
import { readSubject } from '@meridian/subjects'
import { SILENT_AFTER_MS } from './condition.ts'
import { instanceIdOf } from './instance-model.ts'

/** That an instance fell silent, or was heard again, as the commanders record it. */
export interface LivenessChange {
  readonly id: string
  readonly isAlive: boolean
  /** When the last heartbeat before the silence was received, or the first after it; TAI seconds. */
  readonly heartbeat: number
}

/** What an event of the record, or a live one, says of somebody's life; undefined where it is no such event. */
export function livenessChangeOf(
  event: Pick<RecordedEvent, 'subject' | 'received' | 'fields'>
): LivenessChange | undefined {
  const parts = readSubject(event.subject)
  const { component, index, alive, heartbeat } = event.fields
  if (parts?.class !== 'evt' || parts.csc !== 'Liveness' || parts.topic !== 'component') return undefined
  if (typeof component !== 'string') return undefined
  const isAlive = alive === true
  // Records of before that time was written were made when the silence was long enough.
  const supposed = isAlive ? event.received : event.received - SILENT_AFTER_MS / 1000
  return {
    id: instanceIdOf(component, Number(index)),
    isAlive,
    heartbeat: typeof heartbeat === 'number' ? heartbeat : supposed
  }
}
