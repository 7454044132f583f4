import type { FieldSpec } from '@meridian/msgpack'

/** Values of a topic's fields by name, private ones among them; one object per publisher, written in place. */
export type Values = Record<string, unknown>

/** One topic of one instance. */
export interface PublishedTopic {
  readonly csc: string
  readonly index: number
  readonly kind: 'telemetry' | 'event' | 'heartbeat'
  /** Bare, as the catalogue has it: `azimuth`, `summaryState`, `heartbeat`. */
  readonly name: string
  readonly revCode: string
  /** None of a heartbeat, and of a topic that the catalogue lacks: there the values give the types. */
  readonly fields: readonly FieldSpec[]
}

/** Sends one message of a topic. The values change afterwards: it encodes them before it returns. */
export type Send = (values: Readonly<Values>) => void

/** Where components say what they say; called once for each topic, when it is first said. */
export type Outlet = (topic: PublishedTopic) => Send
