import { AppError, printable } from '@meridian/errors'
import { type Document, isNode, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { readText } from '../read-text.ts'
import type { SiteFault } from './check-site.ts'
import { checkSections } from './schema-faults.ts'
import type { SiteFile } from './site-file.ts'

/** What is wrong with a site file, and where. */
export interface SiteProblem {
  readonly code: SiteFault['code']
  readonly file: string
  /** Counted from 1; undefined for what is missing. */
  readonly line?: number
  /** Path inside the file, such as `instances.ESS`; '' for the whole file. */
  readonly where: string
  readonly message: string
}

/** What of a site file has the right form, and where each of its values stands. */
export interface SiteYaml {
  readonly file: string
  /** Without what is faulty. */
  readonly sections: SiteFile
  /** What is faulty in its form; empty for a good file. */
  readonly problems: readonly SiteProblem[]
  /** Line of what stands at a path, or of the nearest thing around it; undefined for the whole file. */
  lineOf(path: readonly (string | number)[]): number | undefined
}

/** Reads a site file. Throws CAT_SITE_UNREADABLE where it is not there or no YAML. */
export function readSiteYaml(file: string): SiteYaml {
  const text = readText(file, 'CAT_SITE_UNREADABLE')
  const { value, problems, lineOf } = parseCompactJson(text) ?? parseYaml(text, file)
  const { sections, faults } = checkSections(value)
  const told = faults.map(fault => problemAt(fault, { file, lineOf }))
  return { file, sections, problems: [...problems, ...told], lineOf }
}

interface ParsedText extends Pick<SiteYaml, 'problems' | 'lineOf'> {
  readonly value: unknown
}

function parseYaml(text: string, file: string): ParsedText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problems = document.errors.map(error => yamlProblem(file, error))
  if (problems.some(({ code }) => code === 'CAT_SITE_UNREADABLE')) refuseSite(firstOf(problems, file))
  return { value: followedIn(document, file), problems, lineOf: lineFinder(document, lines) }
}

/** What is no YAML at all, such as another file given by mistake, has a fault on every line: the first tell enough. */
const MAX_TOLD = 5

function firstOf(problems: readonly SiteProblem[], file: string): readonly SiteProblem[] {
  const more = problems.length - MAX_TOLD
  if (more <= 0) return problems
  const rest = { code: 'CAT_SITE_UNREADABLE', file, where: '', message: `${more} more` } as const
  return [...problems.slice(0, MAX_TOLD), rest]
}

/** The parser repeats what stands there, up to the end of the file. */
const MAX_MESSAGE_CHARACTERS = 120

function messageOf(text: string): string {
  const said = (text.split('\n')[0] ?? '').replace(/ at line .*$/, '')
  return printable(said).slice(0, MAX_MESSAGE_CHARACTERS)
}

/** Aliases are followed only now: one of nothing, or too many of each other, are refused like other bad YAML. */
function followedIn(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    const message = messageOf(error instanceof Error ? error.message : String(error))
    return refuseSite([{ code: 'CAT_SITE_UNREADABLE', file, where: '', message }])
  }
}

/**
 * Parses a text that is JSON exactly as JSON.stringify writes it, as bundles hold the shipped files, because
 * YAML costs a hundred times as much. Such a text has one line, and no key twice; undefined for any other.
 */
function parseCompactJson(text: string): ParsedText | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    const lineOf: SiteYaml['lineOf'] = path => (path.length === 0 ? undefined : 1)
    return JSON.stringify(value) === text ? { value, problems: [], lineOf } : undefined
  } catch {
    return undefined
  }
}

function yamlProblem(file: string, error: YAMLError): SiteProblem {
  const line = error.linePos?.[0].line
  return {
    code: error.code === 'DUPLICATE_KEY' ? 'CAT_SITE_DUPLICATE' : 'CAT_SITE_UNREADABLE',
    file,
    ...(line !== undefined && { line }),
    where: '',
    message: messageOf(error.message)
  }
}

function lineFinder(document: Document, lines: LineCounter): SiteYaml['lineOf'] {
  return path => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      const start = isNode(node) ? node.range?.[0] : undefined
      if (start !== undefined) return lines.linePos(start).line
    }
    return undefined
  }
}

/** A fault with the place where it stands. */
export function problemAt(
  { code, path, message }: SiteFault,
  { file, lineOf }: Pick<SiteYaml, 'file' | 'lineOf'>
): SiteProblem {
  const line = lineOf(path)
  return { code, file, ...(line !== undefined && { line }), where: path.join('.'), message }
}

/** Throws the code of the first problem, with all of them in the message and in `facts.problems`. */
export function refuseSite(problems: readonly SiteProblem[]): never {
  throw new AppError(problems[0]?.code ?? 'CAT_SITE_INVALID', {
    detail: problems.map(siteProblemText).join('; '),
    file: problems[0]?.file,
    problems
  })
}

/** All problems that an error tells of; undefined for one that is none of these, such as a file that is not there. */
export const siteProblemsOf = (caught: unknown): readonly SiteProblem[] | undefined =>
  caught instanceof AppError ? (caught.facts['problems'] as readonly SiteProblem[] | undefined) : undefined

/** For a person: where a problem stands, and what it is. */
export function siteProblemText({ file, line, where, message }: SiteProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return where === '' ? `${place}: ${message}` : `${place}: ${where}: ${message}`
}
