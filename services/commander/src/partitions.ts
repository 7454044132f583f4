import { consumePartition, type Partition } from '@meridian/broker'
import type { ServicePart } from '@meridian/service'
import { PARTITIONS, partitionFilterOf } from '@meridian/subjects'
import { type DispatchContext, dispatchCommand } from './dispatch.ts'
import { COMMANDS } from './records.ts'

/**
 * A partition stands still for so long when the commander that holds its message dies; commands behind it must not expire meanwhile. A dispatch
 * takes milliseconds, and one that takes longer is not repeated: the record forbids it.
 */
const PARTITION_WAIT_MS = 2_000

/** Dispatches accepted commands, partition by partition; shared by all commanders. */
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
    // Durables keep this name: under a new one a running site's partitions would be handed the whole record again.
    durable: `commander-${site}-lane-${partition}`,
    filter: partitionFilterOf(site, partition),
    ackWaitMs: PARTITION_WAIT_MS,
    onMessage: message => dispatchCommand(context, message),
    log
  })
}
