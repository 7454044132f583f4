import { parseSalName, salNameOf, type TopicKind } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'

const ROOT = 'lsst'
const MAX_SHOWN = 120

/** A topic of SAL as Kafka has it: all instances of a component share it. */
export interface SalTopic {
  /** What keeps installations on one broker apart: `sal` in production. */
  readonly subname: string
  readonly csc: string
  readonly kind: TopicKind
  /** Bare: `azimuthInPosition`, never `logevent_azimuthInPosition`. */
  readonly name: string
}

/** The name of a topic on Kafka [docs/sal.md#kafka]: `lsst.sal.MTDome.logevent_azMotion`. */
export const kafkaTopicOf = (topic: SalTopic): string =>
  `${ROOT}.${topic.subname}.${topic.csc}.${salNameOf(topic)}`

/** The subject under which the registry keeps the schemas of a topic. */
export const registrySubjectOf = (topic: SalTopic): string => `${kafkaTopicOf(topic)}-value`

/** Reads the name of a topic on Kafka. Throws SAL_BAD_TOPIC for what no topic of SAL is named like. */
export function parseKafkaTopic(text: string): SalTopic {
  const [root, subname, csc, salName, ...rest] = text.split('.')
  if (root !== ROOT || !subname || !csc || !salName || rest.length > 0)
    throw new AppError('SAL_BAD_TOPIC', { detail: text.slice(0, MAX_SHOWN) })
  return { subname, csc, ...parseSalName(salName) }
}
