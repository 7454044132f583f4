/** Indices of Scripts that each ScriptQueue has for its own: queue 2 has 200,000 to 299,999 [docs/sal.md#script-queues]. */
export const SCRIPTS_PER_QUEUE = 100_000

/** The index of the queue that a Script belongs to, by the index of the Script. */
export const queueOf = (scriptIndex: number): number => Math.floor(scriptIndex / SCRIPTS_PER_QUEUE)
