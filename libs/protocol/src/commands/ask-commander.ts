import { AppError } from '@meridian/errors'
import { commandOf } from '@meridian/subjects'
import { type CommandAnswer, parseCommandAnswer } from './answer.ts'
import { AUTHORIZATION, BEARER } from './authorization.ts'
import { type CommandPayload, encodeCommandPayload } from './request.ts'

/** The part of a broker that asking needs. */
export interface CommandBroker {
  request(
    subject: string,
    data: string,
    options: { readonly timeoutMs: number; readonly headers?: Readonly<Record<string, string>> }
  ): Promise<{ readonly data: Uint8Array }>
}

/** One command as a door passes it on. */
export interface CommandQuestion extends Omit<CommandPayload, 'stages'> {
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly command: string
  /** Ms to wait for the commander's answer. */
  readonly timeoutMs: number
  /** Access token of whoever asks, which the commanders verify; default: none, as where nobody logs in. */
  readonly token?: string | undefined
  /** Headers of the request, such as those of a trace; default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Asks the commanders of a site, as every door does; doors hold no policy. Resolves with the acceptance or
 * the commander's refusal. Throws CMD_NO_COMMANDER, CMD_BAD_REQUEST, CMD_BAD_PARAMETER, CMD_TOO_LARGE,
 * CMD_BAD_ANSWER and the broker's errors: after BRK_TIMEOUT and BRK_UNAVAILABLE the command may have been
 * accepted. The later stages are not sent to it: they are on `ack.`. Fact `id` of all of them is the command's, by which it can be looked up.
 */
export async function askCommander(broker: CommandBroker, question: CommandQuestion): Promise<CommandAnswer> {
  const { site, csc, index, command, timeoutMs, token, headers: more, ...payload } = question
  try {
    const data = encodeCommandPayload({ ...payload, stages: false })
    const headers = { ...more, ...(token !== undefined && { [AUTHORIZATION]: `${BEARER}${token}` }) }
    const options = Object.keys(headers).length === 0 ? { timeoutMs } : { timeoutMs, headers }
    const answer = await broker.request(commandOf({ site, csc, index }, command), data, options)
    return parseCommandAnswer(answer.data)
  } catch (caught) {
    throw withId(AppError.from(caught), payload.id)
  }
}

function withId(err: AppError, id: string | undefined): AppError {
  const facts = id === undefined ? {} : { id }
  if (err.code === 'BRK_NO_RESPONDERS') return new AppError('CMD_NO_COMMANDER', { cause: err, ...facts })
  return err.with(facts)
}
