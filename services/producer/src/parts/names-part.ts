import { type Broker, type Publisher, streamSubjects } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { ServiceContext, ServicePart } from '@meridian/service'
import { everythingBelow, readSubject, traitsOf } from '@meridian/subjects'
import type { Assignment } from '../assignment.ts'
import type { Names } from '../pipeline/names.ts'
import type { RouteTable } from '../pipeline/routes.ts'

const RETRY_MS = 1_000
/** Waiting for names that are on their way into the streams. */
const FLUSH_MS = 5_000

/** What is counted, what is assigned, and what must be stored before a stream that lacks a name says anything. */
export interface NamesPartOptions {
  readonly names: Names
  readonly routes: Pick<RouteTable, 'clear'>
  readonly assignment: Assignment
  readonly publisher: Pick<Publisher, 'flush'>
  readonly site: string
}

/**
 * Takes in the names that the streams hold from before, so that a restart makes no room for more; and when a
 * lost connection is back, frees those that they hold no longer: what was forgotten meanwhile, nobody heard. A
 * stream that cannot be read does not hold up the start: it is asked again each second until it answers.
 */
export function namesPart(options: NamesPartOptions): ServicePart {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let ignore = (): void => undefined
  const later = (run: () => void): void => {
    if (!isStopped) timer = setTimeout(run, RETRY_MS)
  }
  const read = async (context: ServiceContext, classes: readonly NamedClass[]): Promise<void> => {
    const unread: NamedClass[] = []
    for (const name of classes) {
      const fault = await takeIn(context.broker, name, options).catch((caught: unknown) =>
        AppError.from(caught)
      )
      if (!(fault instanceof AppError)) continue
      unread.push(name)
      if (classes === CLASSES)
        context.log.warn(
          { class: name, code: fault.code, why: fault.message },
          'names in the stream not read yet'
        )
    }
    if (unread.length > 0) later(() => void read(context, unread))
  }
  const review = async (context: ServiceContext): Promise<void> => {
    clearTimeout(timer)
    const released = await releaseForgotten(context.broker, options).catch(() => undefined)
    if (released === undefined) later(() => void review(context))
    else if (released > 0)
      context.log.info({ names: released }, 'names that no stream holds any more are forgotten')
  }
  return {
    name: 'the names in the streams',
    async start(context) {
      await read(context, CLASSES)
      ignore = context.broker.onState(state => {
        if (state === 'connected') void review(context)
      })
    },
    stop() {
      isStopped = true
      ignore()
      clearTimeout(timer)
    }
  }
}

const CLASSES = ['tel', 'hb', 'evt'] as const
type NamedClass = (typeof CLASSES)[number]

/** Counts what a stream holds of one class; gives all of its subjects. */
async function takeIn(
  broker: Broker,
  name: NamedClass,
  { names, assignment, site }: NamesPartOptions
): Promise<readonly string[]> {
  const stream = name === 'evt' ? traitsOf('EVT').name : traitsOf('TEL').name
  const subjects = await streamSubjects(broker, stream, everythingBelow(name, { site }))
  for (const subject of subjects) {
    const parsed = readSubject(subject)
    if (parsed === undefined || !('csc' in parsed) || !('index' in parsed)) continue
    const { csc, index } = parsed
    const topic = 'topic' in parsed ? parsed.topic : 'heartbeat'
    if (assignment.has({ csc, index, kind: name, name: topic })) names.know(csc, name, subject)
  }
  return subjects
}

/** Frees the names that the streams hold no longer; gives how many. Throws the broker's errors. */
async function releaseForgotten(broker: Broker, options: NamesPartOptions): Promise<number> {
  const { names, routes, publisher } = options
  const before = CLASSES.map(name => names.all(name))
  // Names that wait to be stored are in no stream yet.
  if (!(await publisher.flush(FLUSH_MS))) throw new AppError('BRK_TIMEOUT')
  let released = 0
  for (const [at, name] of CLASSES.entries()) {
    const held = new Set(await takeIn(broker, name, options))
    const gone = new Set(before[at]?.filter(subject => !held.has(subject)))
    names.release(name, gone)
    released += gone.size
  }
  if (released > 0) routes.clear()
  return released
}
