import { AppError } from '@meridian/errors'
import { MultipleErrors } from '@platformatic/kafka'
import { groundOf, groundsOf } from '../ground-of.ts'

/** An error of Kafka's client under our code, with what lies at its ground: the client wraps it several times. */
export const kafkaError = (cause: unknown): AppError =>
  cause instanceof AppError ? cause : new AppError('SAL_KAFKA', { cause, detail: groundOf(cause) })

/** How Kafka's client, and Kafka itself, say it. */
const UNKNOWN_TOPIC = /^Unknown topic |does not host this topic/

/** Whether Kafka does not know a topic: it may have been deleted, or Kafka has only just begun. */
export const isUnknownTopic = (cause: unknown): boolean =>
  groundsOf(cause).some(text => UNKNOWN_TOPIC.test(text))

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

/** Whether Kafka refused records for their size: the same ones would be refused again. */
export const isTooLarge = (cause: unknown): boolean =>
  cause instanceof MultipleErrors && TOO_LARGE.some(id => cause.findBy('apiId', id) !== null)
