import type { Broker } from '@meridian/broker'
import { encodeSample } from '@meridian/sample'
import { heartbeatOf, type OwnComponent } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import { Type } from 'typebox'
import type { CommonConfig } from './config.ts'
import type { ServicePart } from './service-part.ts'

/** The setting of services that beat; they spread it into their schema. */
export const beatSettings = {
  PROCESS_INDEX: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 0x7fffffff,
    description:
      'index under which this process beats and tells of itself, such as hb.<site>.Producer.1; one of its own for each process that is started by hand, one for all pods of a Deployment'
  })
} as const

/** What a beat is made from: the settings of the process. */
export type BeatConfig = Pick<CommonConfig, 'SITE'> & { readonly PROCESS_INDEX: number }

const BEAT_MS = 1_000
/** An empty MessagePack map: a heartbeat says nothing but that it is there. */
const NO_FIELDS = Uint8Array.of(0x80)

/**
 * Publishes the heartbeat of this process as a component does, once a second on `hb.<site>.<csc>.<index>`:
 * pages tell by it that the process is silent, where otherwise all that it carries would be. Its identity is
 * the name of the process. Processes that share an index are silent when the last of them is, so none says
 * farewell [adr/0012]. List it behind the parts whose work it vouches for.
 */
export function processBeat(
  csc: OwnComponent,
  { SITE: site, PROCESS_INDEX: index }: BeatConfig
): ServicePart {
  let timer: NodeJS.Timeout | undefined
  return {
    name: 'the heartbeat',
    start({ broker, name }) {
      const beat = createBeat(broker, heartbeatOf({ site, csc, index }), name)
      timer = setInterval(beat, BEAT_MS)
      beat()
    },
    stop: () => clearInterval(timer)
  }
}

function createBeat(broker: Broker, subject: string, identity: string): () => void {
  const shared = { origin: process.pid, identity, revCode: '', uncatalogued: true }
  let seqNum = 0
  return () => {
    // A beat that waited for the broker to come back would tell of a moment that has passed.
    if (broker.state() !== 'connected') return
    const now = systemClock.taiSeconds()
    const sample = { ...shared, sndStamp: now, rcvStamp: now, seqNum: ++seqNum, fields: NO_FIELDS }
    broker.publish(subject, encodeSample(sample))
  }
}
