import { AppError } from '@meridian/errors'
import { read } from 'read'
import { clauseOf } from '../run-tool.ts'
import { type AnswerChecks, createAnswerChecks } from './answer-checks.ts'
import { assertPossible, type NewSite } from './new-site.ts'

/** What the command line says of a new site. */
export interface NewSiteOptions {
  readonly host?: string
  readonly instances?: readonly string[]
  readonly homeMade?: readonly string[]
  readonly observatory?: string
  readonly extends?: string
  readonly like?: string
}

/** The place that a new one is like where nothing else is said: three servers, the usual sizes. */
const LIKE = 'tucson'
/** Exit code after Ctrl-C, as shells have it. */
const INTERRUPTED = 130

/**
 * What a new site is made of: the options, and at a terminal the answers to questions about what they leave
 * out. An answer that cannot be is told at once, with the reason, and asked for again. Throws RUN_BAD_OPTION,
 * before it asks anything, where an option cannot be, and where something is left out and there is nobody to
 * ask.
 */
export async function completeSite(
  overlays: string,
  name: string,
  options: NewSiteOptions
): Promise<NewSite> {
  assertPossible(overlays, { name, like: options.like ?? LIKE })
  const isComplete = options.host !== undefined && options.instances !== undefined
  if (!isComplete && !process.stdin.isTTY)
    throw new AppError('RUN_BAD_OPTION', {
      detail: '--host and --instances are expected where there is no terminal to ask at'
    })
  const answers = isComplete ? {} : await askFor(overlays, name, options)
  return { name, host: '', instances: [], homeMade: [], like: LIKE, ...options, ...answers }
}

async function askFor(overlays: string, name: string, options: NewSiteOptions): Promise<Partial<NewSite>> {
  const checks = createAnswerChecks(overlays, { name, ...options, like: options.like ?? LIKE })
  if (options.host !== undefined) checks.host(options.host)
  if (options.instances !== undefined) checks.instances(options.instances)
  const observatory = options.observatory ?? (await ask('name for people', { usual: name }))
  const host = options.host ?? (await ask('host name under which browsers open it', { check: checks.host }))
  const instances =
    options.instances ??
    wordsOf(
      await ask('its components, such as: MTMount ESS:1,2 ScriptQueue:1', {
        check: text => checks.instances(wordsOf(text))
      })
    )
  const homeMade = options.homeMade ?? (await askHomeMade(instances, checks))
  const check = (like: string): void => void assertPossible(overlays, { name, like })
  const like =
    options.like ??
    (await ask('the place whose sizes it gets: summit, base, tucson or local', { usual: LIKE, check }))
  return { observatory, host, instances, homeMade, like }
}

async function askHomeMade(instances: readonly string[], checks: AnswerChecks): Promise<readonly string[]> {
  const namesIn = (text: string): readonly string[] => wordsOf(text).filter(isSome)
  const usual = checks.likelyHomeMade(instances).join(' ') || 'none'
  const check = (text: string): void => checks.homeMade(namesIn(text), instances)
  return namesIn(await ask('those among them that no catalogue knows', { usual, check }))
}

const isSome = (word: string): boolean => word !== 'none'
const wordsOf = (text: string): readonly string[] => text.split(/[\s;]+/).filter(word => word !== '')

interface Question {
  /** The answer of whoever types nothing; without one something must be typed. */
  readonly usual?: string
  /** Throws with what is wrong with an answer. */
  check?(text: string): void
}

/** Asks until there is an answer that can be, and says each time why one cannot. */
async function ask(what: string, question: Question = {}): Promise<string> {
  const { usual, check } = question
  const prompt = usual === undefined ? `${what}: ` : `${what} (${usual}): `
  const typing = read({ prompt, output: process.stderr })
  const text = (await typing.catch(() => process.exit(INTERRUPTED))).trim() || usual
  try {
    if (text === undefined) throw new Error('an answer is needed here, nothing is usual')
    check?.(text)
    return text
  } catch (caught) {
    process.stderr.write(`${clauseOf(caught)}\n`)
    return ask(what, question)
  }
}
