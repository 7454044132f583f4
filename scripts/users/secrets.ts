import { createInterface } from 'node:readline'
import { AppError } from '@meridian/errors'
import { read } from 'read'

/** Asks a person for what nobody may read over his shoulder, or in a list of processes. */
export interface Secrets {
  /** What was typed or piped in. Throws RUN_BAD_OPTION where there is nothing more to read. */
  ask(what: string): Promise<string>
  /** The same, typed twice where it is typed. Throws RUN_BAD_OPTION where both differ. */
  askNew(what: string): Promise<string>
}

/** Exit code after Ctrl-C, as shells have it. */
const INTERRUPTED = 130

/** On a terminal secrets are typed unseen; otherwise each is a line of standard input, in the order of the questions. */
export const createSecrets = (): Secrets => (process.stdin.isTTY ? typed() : piped())

function typed(): Secrets {
  const ask = async (what: string): Promise<string> => {
    const typing = read({ prompt: `${what}: `, silent: true, output: process.stderr })
    const text = await typing.catch(() => process.exit(INTERRUPTED))
    process.stderr.write('\n')
    return text
  }
  return {
    ask,
    async askNew(what) {
      const [first, again] = [await ask(what), await ask(`${what} again`)]
      if (first !== again) throw new AppError('RUN_BAD_OPTION', { detail: `${what}: both differ` })
      return first
    }
  }
}

function piped(): Secrets {
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
  const ask = async (what: string): Promise<string> => {
    const { value, done } = await lines.next()
    if (!done) return value
    throw new AppError('RUN_BAD_OPTION', { detail: `${what}: expected as a line of standard input` })
  }
  return { ask, askNew: ask }
}
