import type { ExecutionTable } from './execution-table.ts'
import type { Params } from './model.ts'
import { scriptCommand } from './models/script-queue.ts'
import type { Observatory } from './observatory.ts'
import { failureOf, type Reply, SUCCESS } from './running-work.ts'
import type { Tick } from './tick.ts'

/** A command as it came in, whatever carried it. */
interface ReceivedRequest {
  /** Nothing is executed twice under one. */
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: Params
}

/** Has commands executed by the component or script that they are for. */
export interface Executor {
  /** Calls `reply` for each acknowledgement; never where there is no such component: nobody is there who could answer. */
  execute(request: ReceivedRequest, reply: Reply): void
}

/** The components that execute the commands, and the table that lets no id be executed twice. */
export interface ExecutorOptions {
  readonly observatory: Pick<Observatory, 'components' | 'script'>
  readonly table: ExecutionTable
  readonly now: () => Tick
}

/** Creates an executor. */
export function createExecutor({ observatory, table, now }: ExecutorOptions): Executor {
  const executeScript = ({ index, command, params }: ReceivedRequest, reply: Reply): void => {
    const script = observatory.script(index)
    // A script that has ended has no process: nothing answers for it.
    if (script === undefined) return
    try {
      scriptCommand(script, command, { params, at: now() })
      reply(SUCCESS)
    } catch (err) {
      reply(failureOf(err))
    }
  }
  const executeOnce = (request: ReceivedRequest, reply: Reply): void => {
    const { csc, index, command, params } = request
    if (csc === 'Script') executeScript(request, reply)
    else observatory.components.get(`${csc}:${index}`)?.execute({ command, params, reply }, now())
  }
  return {
    execute(request, listener) {
      const { id, csc, index, command } = request
      table.once(id, `${csc}:${index}.${command}`, listener, reply => executeOnce(request, reply))
    }
  }
}
