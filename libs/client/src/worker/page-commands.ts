import type { WireError } from '@meridian/errors'
import type { AckRecord, CommandAccepted } from '@meridian/protocol/commands'
import { ClientError, sdkError } from '../client-error.ts'
import { guarded } from '../registry.ts'
import type { CommandHandle, CommandHandlers, CommandOptions } from '../types.ts'
import { ulid } from '../ulid.ts'
import type { PageRecord, WorkerRecord } from './messages.ts'

/** The commands of a page whose client is in a worker. */
export interface PageCommands {
  run(command: CommandOptions, handlers: CommandHandlers): CommandHandle
  /** Says to a worker that has just been started what it must send. */
  begin(): void
  take(record: Extract<WorkerRecord, { id: string }>): void
  /** The client was closed: every command ends with SDK_CLOSED. */
  closeAll(): void
  /** The worker is lost: what it was given may have been sent, and nobody follows it any more. */
  loseAll(): void
}

interface Running {
  readonly command: CommandOptions & { readonly id: string }
  readonly handlers: CommandHandlers
  readonly accepted: Ends<CommandAccepted>
  readonly done: Ends<AckRecord>
  isSaid: boolean
  isAccepted: boolean
}

interface Ends<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

/** Creates the commands of a page, none running. `say` returns whether there is a worker to say it to. */
export function createPageCommands(say: (record: PageRecord) => boolean): PageCommands {
  const running = new Map<string, Running>()

  function end(one: Running, error: WireError): void {
    running.delete(one.command.id)
    one.accepted.reject(new ClientError(error))
    one.done.reject(new ClientError(error))
  }

  function tell(one: Running): void {
    one.isSaid ||= say({ op: 'command', command: one.command })
  }

  function settle(one: Running, record: Extract<WorkerRecord, { id: string }>): void {
    if (record.op === 'stage') guarded(() => one.handlers.onStage?.(record.record))
    else if (record.op === 'accepted') {
      one.isAccepted = true
      one.accepted.resolve(record.accepted)
    } else if (record.op === 'failed') one[record.what].reject(new ClientError(record.error))
    else one.done.resolve(record.record)
    if (record.op === 'done' || (record.op === 'failed' && record.what === 'done')) running.delete(record.id)
  }

  return {
    run(options, handlers) {
      const id = options.id?.toLowerCase() ?? ulid(Date.now())
      const one: Running = {
        command: { ...options, id },
        handlers,
        accepted: endsOf(),
        done: endsOf(),
        isSaid: false,
        isAccepted: false
      }
      running.set(id, one)
      try {
        tell(one)
      } catch {
        // Parameters that are not data, such as functions.
        end(one, sdkError('SDK_BAD_COMMAND', { property: 'params' }))
      }
      return { id, accepted: one.accepted.promise, done: one.done.promise }
    },
    begin() {
      for (const one of running.values()) tell(one)
    },
    take(record) {
      const one = running.get(record.id)
      if (one !== undefined) settle(one, record)
    },
    closeAll() {
      for (const one of [...running.values()]) end(one, sdkError('SDK_CLOSED'))
    },
    loseAll() {
      for (const one of [...running.values()])
        if (one.isSaid)
          end(one, sdkError(one.isAccepted ? 'SDK_COMMAND_UNTRACKED' : 'SDK_COMMAND_UNANSWERED'))
    }
  }
}

function endsOf<T>(): Ends<T> {
  let ends: Pick<Ends<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject }
  })
  promise.catch(() => undefined)
  return { promise, resolve: value => ends?.resolve(value), reject: error => ends?.reject(error) }
}
