import type { Publish } from './line.ts'
import { createLines } from './lines.ts'
import type { Moment } from './moment.ts'

/** What the simulator tells of itself. */
export interface SelfFacts {
  readonly components: number
  readonly messages: number
  readonly executions: number
  readonly skippedTicks: number
}

const LOAD_SECONDS = 5

/** The simulator as a device of its own, `Simulator:0`, which no catalogue knows: heartbeat every second, load every five. */
export function createSelfReport(
  site: string,
  publish: Publish,
  facts: () => SelfFacts
): (at: Moment) => void {
  const lines = createLines({
    place: { site, csc: 'Simulator', index: 0 },
    definition: undefined,
    publish,
    origin: process.pid
  })
  const load = lines.telemetry('load')
  let before = { messages: 0, cpu: process.cpuUsage(), seconds: 0 }
  let second = -1

  const report = (at: Moment): void => {
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
    lines.heartbeat().send(at)
    if (now === 0) lines.event('summaryState').put({ summaryState: 2 }, at)
    if (now > 0 && now % LOAD_SECONDS === 0) report(at)
  }
}
