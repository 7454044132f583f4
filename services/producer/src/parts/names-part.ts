import { type Broker, streamSubjects } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { ServiceContext, ServicePart } from '@meridian/service'
import { everythingBelow, readSubject, traitsOf } from '@meridian/subjects'
import type { Assignment } from '../assignment.ts'
import type { Names } from '../pipeline/names.ts'

const RETRY_MS = 1_000

/**
 * Takes in the names that the streams hold from before, so that a restart makes no room for more. A stream
 * that cannot be read does not hold up the start: it is asked again each second until it answers.
 */
export function namesPart(names: Names, assignment: Assignment, site: string): ServicePart {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const read = async (context: ServiceContext, classes: readonly NamedClass[]): Promise<void> => {
    const unread: NamedClass[] = []
    for (const name of classes) {
      const fault = await readNames(context.broker, { name, names, assignment, site }).catch(
        (caught: unknown) => AppError.from(caught)
      )
      if (fault === undefined) continue
      unread.push(name)
      if (classes === CLASSES)
        context.log.warn(
          { class: name, code: fault.code, why: fault.message },
          'names in the stream not read yet'
        )
    }
    if (unread.length > 0 && !isStopped) timer = setTimeout(() => void read(context, unread), RETRY_MS)
  }
  return {
    name: 'the names in the streams',
    start: context => read(context, CLASSES),
    stop() {
      isStopped = true
      clearTimeout(timer)
    }
  }
}

const CLASSES = ['tel', 'hb', 'evt'] as const
type NamedClass = (typeof CLASSES)[number]

interface NamesOf {
  readonly name: NamedClass
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
