import { type Container, doesEnd, type Probe } from '../resource.ts'
import { isOurs, settingOf } from './containers.ts'
import { ofContainers, type Rule } from './rule.ts'

/** Seconds that a pod has beyond its sleep and its drain, before it is killed. */
export const MARGIN_S = 5
/** Seconds of sleep in which every endpoint forgets a pod: readiness is asked for every two. */
const SLEEP_S = 5
/** Seconds without an answer after which a process may be started again, and which it has to start. */
const PATIENCE_S = 30

const sleepOf = ({ lifecycle }: Container): number => lifecycle?.preStop?.sleep?.seconds ?? 0

function graceFault(container: Container, graceS: number): string | false {
  const sleepS = sleepOf(container)
  const drainS = Number(settingOf(container, 'DRAIN_MS') ?? Number.NaN) / 1000
  return (
    isOurs(container) &&
    !(sleepS + drainS + MARGIN_S <= graceS) &&
    `a grace of ${graceS} s is shorter than its sleep of ${sleepS} s, its drain of ${drainS} s and ${MARGIN_S} s`
  )
}

const asks = (probe: Probe | undefined, path: string): boolean => probe?.httpGet?.path === path

/**
 * Whether others are served here. What tells a server's figures beside it is left out: it has no say in whether the pod is ready, and
 * nobody waits for its end.
 */
const isServer = ({ ports = [] }: Container): boolean => ports.some(({ name }) => name !== 'metrics')

const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const

/** What a probe asks where nobody of its own container answers. */
function askedFault(
  { ports = [] }: Container,
  { httpGet, tcpSocket, grpc }: Probe,
  field: string
): string | false {
  const asked = { ...httpGet, ...tcpSocket, ...grpc } as NonNullable<Probe['httpGet']>
  if (asked.host !== undefined) return `${field} asks ${asked.host} instead of its pod: take host out`
  const isOpen = ports.some(({ name, containerPort }) => asked.port === name || asked.port === containerPort)
  return asked.port !== undefined && !isOpen && `${field} asks port ${asked.port}, which is none of its ports`
}

function impatience({ periodSeconds = 10, failureThreshold = 3 }: Probe, field: string): string | false {
  const seconds = periodSeconds * failureThreshold
  return (
    (failureThreshold < 3 || seconds < PATIENCE_S) &&
    `${field} gives up after ${failureThreshold} times, ${seconds} s: 3 times and ${PATIENCE_S} s at least`
  )
}

/** Rules of how a process starts, answers and ends. */
export const livingRules: readonly Rule[] = [
  {
    id: 'probes',
    demands: 'our services answer three probes, each its own path; whoever runs on has all three',
    check: ofContainers((container, workload) => {
      if (doesEnd(workload)) return []
      const { startupProbe, readinessProbe, livenessProbe } = container
      const isMissing = [startupProbe, readinessProbe, livenessProbe].some(probe => !probe?.httpGet)
      const isOther = !(
        asks(startupProbe, '/startupz') &&
        asks(readinessProbe, '/readyz') &&
        asks(livenessProbe, '/livez')
      )
      return [
        isServer(container) && isMissing && 'a probe is missing',
        isOurs(container) && isOther && 'its probes are not /startupz, /readyz and /livez'
      ]
    })
  },
  {
    id: 'probe-ports',
    demands: 'a probe asks a port of its own container',
    check: ofContainers(container =>
      PROBES.map(field => askedFault(container, container[field] ?? {}, field))
    )
  },
  {
    id: 'patience',
    demands: 'a process that is slow for a moment, or starts, is not started again',
    check: ofContainers(({ startupProbe = {}, livenessProbe = {} }) => [
      impatience(startupProbe, 'startupProbe'),
      impatience(livenessProbe, 'livenessProbe')
    ])
  },
  {
    id: 'readiness-quick',
    demands: 'a pod that drains is out of rotation within four seconds',
    check: ofContainers(container => {
      const { periodSeconds = 10, failureThreshold = 3 } = container.readinessProbe ?? {}
      return [
        isOurs(container) &&
          container.readinessProbe !== undefined &&
          periodSeconds * failureThreshold > 4 &&
          `not ready after ${periodSeconds * failureThreshold} s`
      ]
    })
  },
  {
    id: 'drain',
    demands: 'endpoints forget a pod before it hears of its end, and its grace is longer than its drain',
    check: ofContainers((container, workload) => {
      if (doesEnd(workload) || !isServer(container)) return []
      return [
        container.lifecycle?.preStop === undefined
          ? 'no preStop'
          : isOurs(container) &&
            sleepOf(container) < SLEEP_S &&
            `lifecycle.preStop.sleep of ${sleepOf(container)} s: ${SLEEP_S} s, until no endpoint leads to it`,
        graceFault(container, workload.pod.terminationGracePeriodSeconds ?? 30)
      ]
    })
  }
]
