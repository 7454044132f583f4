import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import type { Facts } from '../facts.ts'
import { checkRules } from './check-rules.ts'
import { compactFacts } from './compact.ts'
import { createProblems, describeProblem, type Problem } from './problems.ts'
import { type Progress, readInterfaces } from './read-interfaces.ts'
import { readRules } from './rules.ts'

/** What an import may be told; each has a default. */
export interface ImportOptions {
  /**
   * Name of the version; otherwise the first line of a file `VERSION` in the directory, otherwise `unknown`.
   */
  readonly version?: string
  /** Keeps descriptions, for a site's own import; default: false, as in the shipped facts. */
  readonly descriptions?: boolean
  /** Called with each component that is read; default: nobody is told. */
  readonly progress?: Progress
}

/** Result of an import. Where there are problems, the facts lack the faulty parts. */
export interface Imported {
  readonly facts: Facts
  readonly problems: readonly Problem[]
}

/** Imports an interface directory. Faults in its files never throw; they are listed in `problems`. */
export function importInterfaces(directory: string, options: ImportOptions = {}): Imported {
  const problems = createProblems()
  const rules = readRules(problems)
  const interfaces = readInterfaces(directory, problems, options.progress)
  const facts = compactFacts(
    interfaces,
    { version: options.version ?? versionOf(directory), rules, descriptions: options.descriptions ?? false },
    problems
  )
  if (problems.list().length === 0) checkRules(facts, rules, problems)
  return { facts, problems: problems.list() }
}

/** As `importInterfaces`, but throws CAT_IMPORT with all problems in `facts.problems`. */
export function importFacts(directory: string, options: ImportOptions = {}): Facts {
  const { facts, problems } = importInterfaces(directory, options)
  if (problems.length === 0) return facts
  throw new AppError('CAT_IMPORT', { detail: `\n${problems.map(describeProblem).join('\n')}`, problems })
}

function versionOf(directory: string): string {
  const file = join(directory, 'VERSION')
  if (!existsSync(file)) return 'unknown'
  return readFileSync(file, 'utf8').split('\n')[0]?.trim() || 'unknown'
}
