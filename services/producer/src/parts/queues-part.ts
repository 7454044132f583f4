import type { ServicePart } from '@meridian/service'
import type { Assignment } from '../assignment.ts'
import type { QueueStates } from '../script-queue/queue-states.ts'

/**
 * Queues of the observatory: main telescope, auxiliary telescope, both [docs/sal.md#script-queues]. Others
 * are found when they speak.
 */
const KNOWN_QUEUES = [1, 2, 3]

/** The states of script queues, reduced from what queues and Scripts say. */
export const queuesPart = (queueStates: QueueStates, assignment: Assignment): ServicePart => ({
  name: 'the script queues',
  start() {
    for (const index of KNOWN_QUEUES) if (assignment.hasQueue(index)) queueStates.open(index)
  },
  stop: () => queueStates.stop()
})
