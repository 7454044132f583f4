import { type Broker, streamSubjects } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { ServicePart } from '@meridian/service'
import { everythingBelow, readSubject, traitsOf } from '@meridian/subjects'
import type { Assignment } from '../assignment.ts'
import type { Names } from '../pipeline/names.ts'

/**
 * Takes in the names that the streams hold from before, so that a restart makes no room for more. Where a
 * stream cannot be read now, it says so and counts from nothing.
 */
export const namesPart = (names: Names, assignment: Assignment, site: string): ServicePart => ({
  name: 'the names in the streams',
  async start({ broker, log }) {
    try {
      for (const name of CLASSES) await readNames(broker, { name, names, assignment, site })
    } catch (caught) {
      const { code, message } = AppError.from(caught)
      log.warn({ code, why: message }, 'names in the streams not read: counting begins anew')
    }
  },
  stop: () => undefined
})

const CLASSES = ['tel', 'hb', 'evt'] as const

interface NamesOf {
  readonly name: (typeof CLASSES)[number]
  readonly names: Names
  readonly assignment: Assignment
  readonly site: string
}

async function readNames(broker: Broker, { name, names, assignment, site }: NamesOf): Promise<void> {
  const stream = name === 'evt' ? traitsOf('EVT').name : traitsOf('TEL').name
  for (const subject of await streamSubjects(broker, stream, everythingBelow(name, { site }))) {
    const parsed = readSubject(subject)
    if (parsed === undefined || !('csc' in parsed) || !('index' in parsed)) continue
    const { csc, index } = parsed
    const topic = 'topic' in parsed ? parsed.topic : 'heartbeat'
    if (assignment.has({ csc, index, kind: name, name: topic })) names.know(csc, name, subject)
  }
}
