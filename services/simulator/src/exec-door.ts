import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type ExecReply, parseExecRequest, type ReadExecRequest, SAL_ACK } from '@meridian/protocol/commands'
import { patternOf } from '@meridian/subjects'
import type { Component } from './component.ts'
import type { ExecutionTable } from './execution-table.ts'
import { scriptCommand } from './models/script-queue.ts'
import type { Observatory } from './observatory.ts'
import { failureOf } from './running-work.ts'
import type { Tick } from './tick.ts'

/** The components that execute the commands, and the table that lets no id be executed twice. */
export interface ExecDoorOptions {
  readonly site: string
  readonly observatory: Observatory
  readonly table: ExecutionTable
  readonly now: () => Tick
}

/** Where commands come in: `exec.<site>.<CSC>.<index>.*` of every instance, and of every script. */
export interface ExecDoor {
  open(broker: Broker): void
  close(): Promise<void>
  badRequests(): number
}

/** Creates the exec door; it subscribes when `open` is called. */
export function createExecDoor({ site, observatory, table, now }: ExecDoorOptions): ExecDoor {
  let subscriptions: BrokerSubscription[] = []
  let badRequests = 0

  const handle = (message: BrokerMessage, run: (request: ReadExecRequest) => void): void => {
    try {
      run(parseExecRequest(message, 'SIM_BAD_REQUEST'))
    } catch (err) {
      badRequests++
      message.respond(JSON.stringify(refusalOf(err)))
    }
  }
  const execute = (component: Component, message: BrokerMessage): void =>
    handle(message, ({ id, command, params }) =>
      table.once(id, `${component.name}.${command}`, answerTo(message), reply =>
        component.execute({ command, params, reply }, now())
      )
    )
  const executeScript = (message: BrokerMessage): void =>
    handle(message, ({ id, index, command, params }) => {
      table.once(id, `Script:${index}.${command}`, answerTo(message), reply => {
        const script = observatory.script(index)
        // A script that has ended has no process: nothing answers for it.
        if (script === undefined) return
        try {
          scriptCommand(script, command, { params, at: now() })
          reply({ ack: SAL_ACK.CMD_COMPLETE, error: 0, result: 'Done' })
        } catch (err) {
          reply(failureOf(err))
        }
      })
    })
  return {
    badRequests: () => badRequests,
    open(broker) {
      subscriptions = [...observatory.components.values()].map(component =>
        broker.subscribe(patternOf('exec', { site, csc: component.csc, index: component.index }), message =>
          execute(component, message)
        )
      )
      subscriptions.push(broker.subscribe(patternOf('exec', { site, csc: 'Script' }), executeScript))
    },
    async close() {
      await Promise.all(subscriptions.map(subscription => subscription.drain()))
      subscriptions = []
    }
  }
}

const answerTo =
  (message: BrokerMessage): ((reply: ExecReply) => void) =>
  reply =>
    message.respond(JSON.stringify(reply))

/** The reply to a request that cannot be read: CMD_FAILED with the code of the error. */
export function refusalOf(caught: unknown): ExecReply & { readonly code: string } {
  const err = AppError.from(caught)
  return { ack: SAL_ACK.CMD_FAILED, error: 1, result: `Failed: ${err.message}`, code: err.code }
}
