// A pipeline without a broker: raw messages in, publications out.
import type { Publication } from '@meridian/broker'
import { type Catalogue, loadCatalogue } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { decodeSample, type Sample } from '@meridian/sample'
import { createTestLog, type TestLog } from '@meridian/testing'
import type { Clock } from '@meridian/time'
import { pack } from 'msgpackr'
import { parseAssignment } from '../src/assignment.ts'
import { type ClockOffset, createClockOffsets } from '../src/pipeline/clock-offsets.ts'
import { type Counts, createCounts } from '../src/pipeline/counts.ts'
import { createNames, type NameBounds, type Names, type Refusal } from '../src/pipeline/names.ts'
import { createPipeline } from '../src/pipeline/pipeline.ts'
import { createRefusedData, type RefusedData } from '../src/pipeline/refused-data.ts'
import { createRoutes } from '../src/pipeline/routes.ts'
import { type QueueEvent, queueEventOf } from '../src/script-queue/queue-event.ts'
import { createRawReader } from '../src/sources/nats-raw.ts'

const catalogue: Catalogue = loadCatalogue()

/** A pipeline, and what came out of it. */
export interface Bench {
  take(subject: string, payload: unknown): Publication | undefined
  readonly counts: Counts
  readonly log: TestLog
  readonly clock: Clock & { ms: number }
  readonly queueEvents: QueueEvent[]
  readonly refusals: Refusal[]
  readonly changes: ClockOffset[]
  readonly refusedData: RefusedData[]
  readonly names: Names
  unknownTopics(): number
}

/** A pipeline of the catalogue with everything assigned; `instances` are those that the site lists. */
export function createBench(bounds: Partial<NameBounds> = {}, instances: readonly string[] = []): Bench {
  const log = createTestLog()
  const clock = {
    ms: 1_000_000,
    nowMs: () => clock.ms,
    steadyMs: () => clock.ms,
    taiSeconds: () => clock.ms / 1000 + 37
  }
  const counts = createCounts(log, clock)
  const assignment = parseAssignment('rest', 'MTDome:0', () => new Map())
  const refusals: Refusal[] = []
  const changes: ClockOffset[] = []
  const refusedData: RefusedData[] = []
  const refused = createRefusedData({ steadyMs: clock.steadyMs, onRefused: told => refusedData.push(told) })
  const names = createNames({
    bounds: { perComponent: 50, perUnknown: 5, unknownComponents: 3, ...bounds },
    isListed: csc => catalogue.component(csc) !== undefined || csc === 'Greenhouse',
    onRefused: refusal => refusals.push(refusal)
  })
  const clocks = createClockOffsets({ log, nowMs: clock.nowMs, onChange: change => changes.push(change) })
  const isInstance = ({ csc, index }: { csc: string; index: number }): boolean =>
    instances.includes(`${csc}:${index}`)
  const routes = createRoutes({ site: 'summit', catalogue, counts, names, clocks, refused, isInstance })
  const queueEvents: QueueEvent[] = []
  let published: Publication | undefined
  const pipeline = createPipeline({
    routes,
    counts,
    refused,
    clock,
    origin: 99,
    isStored: () => false,
    publish: p => {
      published = p
    },
    reduce(message, sndStamp) {
      const event = queueEventOf(message, sndStamp)
      if (event !== undefined) queueEvents.push(event)
    }
  })
  const read = createRawReader(assignment, { onMessage: pipeline.take, onFault: counts.reject })
  return {
    take(subject, payload) {
      published = undefined
      const isBytes = typeof payload === 'string' || payload instanceof Uint8Array
      read(`raw.summit.${subject}`, isBytes ? Buffer.from(payload) : pack(payload))
      return published
    },
    counts,
    log,
    clock,
    queueEvents,
    refusals,
    changes,
    refusedData,
    names,
    unknownTopics: () => routes.unknownTopics()
  }
}

/** What was published, as a sample. */
export const sampleOf = (publication: Publication | undefined): Sample =>
  decodeSample(publication?.data ?? new Uint8Array())
/** The public fields of what was published. */
export const fieldsOf = (publication: Publication | undefined): Fields =>
  decodeFields(sampleOf(publication).fields)
