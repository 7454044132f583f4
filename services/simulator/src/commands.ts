import type { Component as Definition } from '@meridian/catalogue'
import { type ExecReply, SAL_ACK } from '@meridian/protocol/commands'
import type { Lifecycle } from './lifecycle.ts'
import type { Handler, Model, Params, Work } from './model.ts'
import { hashOf } from './random.ts'
import { numberOf, refuse, textOf } from './refuse.ts'
import { createRunningWork, failureOf, type Reply } from './running-work.ts'
import { isStateCommand, notAllowed, SUMMARY } from './summary-state.ts'
import type { Tick } from './tick.ts'
import type { TopicPublishers } from './topic-publishers.ts'

/** A command as the exec door received it. */
export interface ReceivedCommand {
  readonly command: string
  readonly params: Params
  readonly reply: (reply: ExecReply) => void
}

/** The commands of one component: which are allowed, what they do, and how they are acknowledged. */
export interface Commands {
  execute(received: ReceivedCommand, slowSeconds: number, at: Tick): void
  poll(at: Tick): void
}

/** The component whose commands are handled: its interface, its state, its model. */
export interface CommandsOptions {
  readonly definition: Definition
  readonly lifecycle: Lifecycle
  readonly model: Model
  readonly publishers: TopicPublishers
}

// Timeout in the CMD_INPROGRESS of a command that completes at once.
const SHORT_TIMEOUT_SECONDS = 5

/** Creates the command handling of a component; `poll` must be called several times a second. */
export function createCommands({ definition, lifecycle, model }: CommandsOptions): Commands {
  const running = createRunningWork()
  let late: { readonly due: number; readonly send: () => void }[] = []

  const handlerOf = (command: string, at: Tick): Handler => {
    if (!definition.commands.has(command)) throw refuse(`no such command: ${command}`)
    if (isStateCommand(command)) return changeState(command)
    if (command === 'setLogLevel')
      return call => {
        lifecycle.setLogLevel(numberOf(call.params, 'level'), textOf(call.params, 'subsystem'), call.at)
      }
    if (lifecycle.state() !== SUMMARY.ENABLED && model.inAnyState?.includes(command) !== true)
      throw refuse(notAllowed(command, lifecycle.state()))
    return model.commands?.[command] ?? generic(command, at)
  }
  const changeState =
    (command: Parameters<Lifecycle['change']>[0]): Handler =>
    ({ params, at }) => {
      const state = lifecycle.state()
      if (!lifecycle.change(command, params, at)) throw refuse(notAllowed(command, state))
      if (lifecycle.state() !== SUMMARY.ENABLED) running.failAll(`the component left ENABLED by ${command}`)
    }
  const execute = ({ command, params }: ReceivedCommand, reply: Reply, at: Tick): void => {
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
    execute(received, slowSeconds, at) {
      const reply: Reply =
        slowSeconds === 0
          ? received.reply
          : answer => late.push({ due: at.tai + slowSeconds, send: () => received.reply(answer) })
      execute(received, reply, at)
    },
    poll(at) {
      if (lifecycle.state() === SUMMARY.FAULT) running.failAll('the component went to FAULT')
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

/**
 * Handles a command that no model knows: it completes after 0.2 to 2 s, always the same time for the same
 * command.
 */
function generic(command: string, at: Tick): Handler {
  const seconds = 0.2 + (hashOf(command) % 1800) / 1000
  return () => ({ seconds, group: command, done: now => now.tai >= at.tai + seconds })
}
