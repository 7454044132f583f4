/**
 * Components of Meridian's own: processes that beat and tell of themselves, and views of other components. No
 * catalogue lists them, and no page shows them among the components of the observatory.
 */
export const OWN_COMPONENTS = [
  'Producer',
  'Commander',
  'Gateway',
  'Api',
  'Liveness',
  'ScriptQueueState'
] as const

/** The component as which a producer publishes the state of each ScriptQueue that it carries. */
export const QUEUE_STATE_CSC = 'ScriptQueueState' satisfies OwnComponent

/** Name of a component of Meridian's own. */
export type OwnComponent = (typeof OWN_COMPONENTS)[number]
