import { AckPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream.ts'

/** A consumer that reads for one process and that the server may forget. */
export interface ReadConsumerOptions {
  readonly stream: string
  /** Letters, digits, `-` and `_`; never used twice. */
  readonly name: string
  /** The server removes it when nobody has asked it for so long. */
  readonly inactiveMs: number
  /** Where it begins, and on which subjects. */
  readonly from: Partial<ConsumerConfig>
}

/**
 * Makes a consumer without acknowledgements, in the memory of one server. Throws BRK_NO_STREAM and what
 * `askJetStream` throws.
 */
export const addReadConsumer = (
  broker: Broker,
  { stream, name, inactiveMs, from }: ReadConsumerOptions
): Promise<ConsumerInfo> =>
  askJetStream(broker, (manager, nameOf) =>
    manager.consumers.add(nameOf(stream), {
      name,
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(inactiveMs),
      ...from
    })
  )

/** Removes a consumer as well as it can; the server forgets one that is left over. Never throws. */
export async function removeConsumer(broker: Broker, stream: string, name: string): Promise<void> {
  if (broker.state() !== 'connected') return
  await askJetStream(broker, (manager, nameOf) => manager.consumers.delete(nameOf(stream), name)).catch(
    () => {}
  )
}
