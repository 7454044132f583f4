import type { Publication } from '@meridian/broker'
import { createFieldsWriter, type Fields } from '@meridian/msgpack'
import { encodeSample, sampleId } from '@meridian/sample'
import { eventOf, keyToken } from '@meridian/subjects'
import type { Clock } from '@meridian/time'

/** Who tells, and where it goes. */
export interface OwnEventsOptions {
  readonly site: string
  /** The process's index as component `Producer`. */
  readonly index: number
  readonly origin: number
  readonly clock: Clock
  readonly publish: (publication: Publication) => void
}

/** Events that a producer tells of itself. */
export interface OwnEvents {
  /**
   * Publishes `evt.<site>.Producer.<n>.<topic>`; `keys` are the values that make one subject per object.
   */
  tell(topic: string, fields: Fields, keys?: readonly unknown[]): void
}

/** The component that a producer is. */
const CSC = 'Producer'

/** Makes the events of one process; they are stored like every other sample. */
export function createOwnEvents({ site, index, origin, clock, publish }: OwnEventsOptions): OwnEvents {
  const write = createFieldsWriter([])
  let seqNum = 0
  return {
    tell(topic, fields, keys) {
      const now = clock.taiSeconds()
      const id = { csc: CSC, index, topic, origin, seqNum: ++seqNum, sndStamp: now }
      const data = encodeSample({
        ...id,
        rcvStamp: now,
        identity: `${CSC}:${index}`,
        revCode: '',
        fields: write(fields),
        uncatalogued: true
      })
      const key = keys === undefined ? undefined : keyToken(keys)
      publish({
        subject: eventOf({ site, csc: CSC, index, topic, key }),
        data,
        id: sampleId(id),
        kind: 'event'
      })
    }
  }
}
