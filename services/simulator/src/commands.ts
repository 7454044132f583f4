import type { Component as Definition } from '@meridian/catalogue'
import { SAL_ACK } from '@meridian/protocol/commands'
import type { Order } from './component.ts'
import type { Life } from './life.ts'
import type { Lines } from './lines.ts'
import type { Handler, Model, Work } from './model.ts'
import type { Moment } from './moment.ts'
import { hashOf } from './random.ts'
import { numberOf, refuse, textOf } from './refuse.ts'
import { createRunningWork, failureOf, type Reply } from './running-work.ts'
import { isStateCommand, notAllowed, SUMMARY } from './summary-state.ts'

/** The commands of one component: which are allowed, what they do, and how they are acknowledged. */
export interface Commands {
  execute(order: Order, slowSeconds: number, at: Moment): void
  poll(at: Moment): void
}

export interface CommandsOptions {
  readonly definition: Definition
  readonly life: Life
  readonly model: Model
  readonly lines: Lines
}

// Told with the first CMD_INPROGRESS of a command that is over at once.
const SHORT_TIMEOUT_SECONDS = 5

/** Makes the commands of a component. */
export function createCommands({ definition, life, model }: CommandsOptions): Commands {
  const running = createRunningWork()
  let late: { readonly due: number; readonly send: () => void }[] = []

  const handlerOf = (command: string, at: Moment): Handler => {
    if (!definition.commands.has(command)) throw refuse(`no such command: ${command}`)
    if (isStateCommand(command)) return changeState(command)
    if (command === 'setLogLevel')
      return call => {
        life.setLogLevel(numberOf(call.params, 'level'), textOf(call.params, 'subsystem'), call.at)
      }
    if (life.state() !== SUMMARY.ENABLED && model.always?.includes(command) !== true)
      throw refuse(notAllowed(command, life.state()))
    return model.commands?.[command] ?? generic(command, at)
  }
  const changeState =
    (command: Parameters<Life['change']>[0]): Handler =>
    ({ params, at }) => {
      const state = life.state()
      if (!life.change(command, params, at)) throw refuse(notAllowed(command, state))
      if (life.state() !== SUMMARY.ENABLED) running.failAll(`the component left ENABLED by ${command}`)
    }
  const execute = ({ command, params }: Order, reply: Reply, at: Moment): void => {
    let begun: Work | undefined
    try {
      const handler = handlerOf(command, at)
      const outcome = handler({ at, params, abort: running.abort })
      if (typeof outcome === 'object') begun = outcome
      else succeed(reply, outcome ?? 'Done')
    } catch (err) {
      reply(failureOf(err))
    }
    if (begun !== undefined) running.begin(command, begun, reply, at)
  }
  return {
    execute(order, slowSeconds, at) {
      const reply: Reply =
        slowSeconds === 0
          ? order.reply
          : answer => late.push({ due: at.tai + slowSeconds, send: () => order.reply(answer) })
      execute(order, reply, at)
    },
    poll(at) {
      if (life.state() === SUMMARY.FAULT) running.failAll('the component went to FAULT')
      running.poll(at)
      if (late.length === 0) return
      const due = late.filter(one => one.due <= at.tai)
      late = late.filter(one => one.due > at.tai)
      for (const one of due) one.send()
    }
  }
}

function succeed(reply: Reply, result: string): void {
  reply({ ack: SAL_ACK.CMD_INPROGRESS, error: 0, result: '', timeout: SHORT_TIMEOUT_SECONDS })
  reply({ ack: SAL_ACK.CMD_COMPLETE, error: 0, result })
}

/** A command that no model knows: takes a moment, the same each time, and is done. */
function generic(command: string, at: Moment): Handler {
  const seconds = 0.2 + (hashOf(command) % 1800) / 1000
  return () => ({ seconds, group: command, done: now => now.tai >= at.tai + seconds })
}
