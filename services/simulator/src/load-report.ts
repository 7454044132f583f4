import type { Outlet } from './outlet.ts'
import { SUMMARY } from './summary-state.ts'
import type { Tick } from './tick.ts'
import { createTopicPublishers } from './topic-publishers.ts'

/** Counters that the load report publishes. */
export interface LoadFacts {
  readonly components: number
  readonly messages: number
  readonly executions: number
  readonly skippedTicks: number
}

const LOAD_SECONDS = 5

/**
 * Publishes the simulator's load as the uncatalogued device `Simulator:0`: a heartbeat every second,
 * telemetry `load` every five, and its summary state once, as the number that every component says.
 */
export function createLoadReport(outlet: Outlet, facts: () => LoadFacts): (at: Tick) => void {
  const publishers = createTopicPublishers({
    place: { csc: 'Simulator', index: 0 },
    definition: undefined,
    outlet,
    origin: process.pid
  })
  const load = publishers.telemetry('load')
  let before = { messages: 0, cpu: process.cpuUsage(), seconds: 0 }
  let second = -1

  const report = (at: Tick): void => {
    const { messages, components, executions, skippedTicks } = facts()
    const cpu = process.cpuUsage(before.cpu)
    const seconds = Math.max(1, at.seconds - before.seconds)
    Object.assign(load.values, {
      components,
      executions,
      skippedTicks,
      messagesPerSecond: (messages - before.messages) / seconds,
      cpuPercent: (cpu.user + cpu.system) / 1e4 / seconds,
      residentMegabytes: Math.round(process.memoryUsage.rss() / 1e5) / 10
    })
    before = { messages, cpu: process.cpuUsage(), seconds: at.seconds }
    load.send(at)
  }
  return at => {
    const now = Math.floor(at.seconds)
    if (now === second) return
    second = now
    publishers.heartbeat().send(at)
    publishers.event('summaryState').put({ summaryState: SUMMARY.ENABLED }, at)
    if (now > 0 && now % LOAD_SECONDS === 0) report(at)
  }
}
