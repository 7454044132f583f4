import { AppError } from '@meridian/errors'
import { type ExecReply, SAL_ACK } from '@meridian/protocol/commands'
import type { Work } from './model.ts'
import type { Tick } from './tick.ts'

/** Sends one acknowledgement of a command to whoever asked. */
export type Reply = (reply: ExecReply) => void

/** The reply of a command that was done at once. */
export const SUCCESS: ExecReply = { ack: SAL_ACK.CMD_COMPLETE, error: 0, result: 'Done' }

interface Running {
  readonly command: string
  readonly work: Work
  readonly reply: Reply
  /** TAI by which another CMD_INPROGRESS is due. */
  renewAt: number
}

/** The running commands of one component, until each completes, fails or is aborted. */
export interface RunningWork {
  begin(command: string, work: Work, reply: Reply, at: Tick): void
  /** Answers CMD_COMPLETE for what is done, and CMD_INPROGRESS again for what takes longer than said. */
  poll(at: Tick): void
  abort(group: string, why: string): void
  failAll(why: string): void
  size(): number
}

const MARGIN_SECONDS = 5

/** Creates an empty set of running commands. */
export function createRunningWork(): RunningWork {
  let running: Running[] = []

  const abort = (group: string, why: string): void => {
    const ended = running.filter(({ work }) => work.group === group)
    running = running.filter(({ work }) => work.group !== group)
    for (const { reply } of ended) reply({ ack: SAL_ACK.CMD_ABORTED, error: 1, result: `Aborted: ${why}` })
  }
  return {
    abort,
    begin(command, work, reply, at) {
      if (work.group !== undefined) abort(work.group, `superseded by ${command}`)
      const timeout = work.seconds + MARGIN_SECONDS
      reply({ ack: SAL_ACK.CMD_INPROGRESS, error: 0, result: '', timeout })
      running.push({ command, work, reply, renewAt: at.tai + timeout - 1 })
    },
    poll(at) {
      if (running.length === 0) return
      const ended = running.filter(one => finish(one, at))
      if (ended.length > 0) running = running.filter(one => !ended.includes(one))
      for (const one of running) if (at.tai >= one.renewAt) renew(one, at)
    },
    failAll(why) {
      const ended = running
      running = []
      for (const { reply } of ended) reply({ ack: SAL_ACK.CMD_FAILED, error: 1, result: `Failed: ${why}` })
    },
    size: () => running.length
  }
}

/** Sends the final reply of work that completed or failed; false while it goes on. */
function finish({ work, reply }: Running, at: Tick): boolean {
  try {
    if (!work.done(at)) return false
    reply({ ack: SAL_ACK.CMD_COMPLETE, error: 0, result: work.result?.() ?? 'Done' })
  } catch (err) {
    reply(failureOf(err))
  }
  return true
}

/** The reply CMD_FAILED with the reason of what was thrown. */
export function failureOf(caught: unknown): ExecReply {
  const err = AppError.from(caught)
  const reason = err.code === 'SIM_REFUSED' ? String(err.facts['reason']) : err.message
  return { ack: SAL_ACK.CMD_FAILED, error: 1, result: `Failed: ${reason}` }
}

function renew(one: Running, at: Tick): void {
  one.renewAt = at.tai + 2 * MARGIN_SECONDS - 1
  one.reply({ ack: SAL_ACK.CMD_INPROGRESS, error: 0, result: '', timeout: 2 * MARGIN_SECONDS })
}
