import type { InstancePart } from './site.ts'

/** The topics of a part as producers name them: `tel.azimuth`, `evt.detailedState`, `hb` for the heartbeat. */
export const topicsOfPart = ({ telemetry, events }: InstancePart): readonly string[] => [
  ...telemetry.map(topic => `tel.${topic}`),
  // Sites list the heartbeat among the events, as SAL does.
  ...events.map(topic => (topic === 'heartbeat' ? 'hb' : `evt.${topic}`))
]
