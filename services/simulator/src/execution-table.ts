import type { ExecReply } from '@meridian/protocol/commands'

type Listener = (reply: ExecReply) => void

/** What happened to the command of one id. */
interface Execution {
  readonly id: string
  readonly name: string
  /** How often it was executed: 1, or this table is broken. */
  executions: number
  /** How often it was asked for. */
  requests: number
  readonly replies: ExecReply[]
}

/** One whose answers are still passed on. */
interface ListenedExecution extends Execution {
  readonly listeners: Listener[]
}

/** Remembers ids, so that none is executed twice. */
export interface ExecutionTable {
  /**
   * Executes under an id that is new; one that is known gets all its answers so far, and those to come, on
   * the new reply subject too. True when executed.
   */
  once(id: string, name: string, listener: Listener, execute: (reply: Listener) => void): boolean
  find(id: string): Execution | undefined
  all(): readonly Execution[]
  executed(): number
  duplicates(): number
}

/** Creates an empty table that remembers the last `capacity` ids (default 20,000). */
export function createExecutionTable(capacity = 20_000): ExecutionTable {
  const entries = new Map<string, ListenedExecution>()
  let executed = 0
  let duplicates = 0
  return {
    executed: () => executed,
    duplicates: () => duplicates,
    find: id => entries.get(id),
    all: () => [...entries.values()],
    once(id, name, listener, execute) {
      const known = entries.get(id)
      if (known !== undefined) {
        duplicates++
        known.requests++
        known.listeners.push(listener)
        for (const reply of known.replies) listener(reply)
        return false
      }
      const entry: ListenedExecution = {
        id,
        name,
        executions: 0,
        requests: 1,
        replies: [],
        listeners: [listener]
      }
      entries.set(id, entry)
      const oldest = entries.size > capacity ? entries.keys().next().value : undefined
      if (oldest !== undefined) entries.delete(oldest)
      executed++
      entry.executions++
      execute(reply => {
        entry.replies.push(reply)
        for (const listen of entry.listeners) listen(reply)
      })
      return true
    }
  }
}
