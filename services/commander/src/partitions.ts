import { consumePartition, type Partition } from '@meridian/broker'
import type { ServicePart } from '@meridian/service'
import { PARTITIONS, partitionFilterOf } from '@meridian/subjects'
import { type DispatchContext, dispatchCommand } from './dispatch.ts'
import { COMMANDS } from './records.ts'

/**
 * Ms until the broker redelivers a message whose commander died. It is short because the partition waits for
 * it, and the commands behind must not expire. A dispatch takes milliseconds; one that takes longer is
 * redelivered but not sent twice, since the second `dispatching` is refused.
 */
const PARTITION_WAIT_MS = 2_000

/**
 * The part that consumes every partition and dispatches its commands; the commanders share one durable
 * consumer each.
 */
export function consumePartitions(context: DispatchContext): ServicePart {
  let partitions: readonly Partition[] = []
  return {
    name: 'the accepted commands',
    start() {
      partitions = Array.from({ length: PARTITIONS }, (_, partition) => consume(context, partition))
    },
    async stop() {
      await Promise.all(partitions.map(partition => partition.stop()))
    }
  }
}

function consume(context: DispatchContext, partition: number): Partition {
  const { broker, site, log } = context
  return consumePartition(broker, {
    stream: COMMANDS,
    // Durables keep this name: under a new one a running site's partitions would be handed the whole record
    // again.
    durable: `commander-${site}-lane-${partition}`,
    filter: partitionFilterOf(site, partition),
    ackWaitMs: PARTITION_WAIT_MS,
    onMessage: message => dispatchCommand(context, message),
    log
  })
}
