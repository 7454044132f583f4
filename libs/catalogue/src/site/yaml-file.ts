import { readFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import { Check, Errors } from 'typebox/schema'
import { type Document, isNode, LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { SiteFault } from './check-site.ts'
import { type SiteFile, siteFileSchema } from './site-file.ts'

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

/** A site file that has the right form, and where each of its values stands. */
export interface SiteYaml {
  readonly file: string
  readonly sections: SiteFile
  /** Line of what stands at a path, or of the nearest thing around it; undefined for the whole file. */
  lineOf(path: readonly (string | number)[]): number | undefined
}

/** Reads a site file. Throws CAT_SITE_UNREADABLE, CAT_SITE_DUPLICATE or CAT_SITE_INVALID with all faults. */
export function readSiteYaml(file: string): SiteYaml {
  const lines = new LineCounter()
  const document = parseDocument(readText(file), { lineCounter: lines })
  if (document.errors.length > 0) refuseSite(document.errors.map(error => yamlProblem(file, error)))
  const lineOf = lineFinder(document, lines)
  const value: unknown = document.toJS()
  if (Check(siteFileSchema, value)) return { file, sections: value, lineOf }
  return refuseSite(schemaFaults(value).map(fault => problemAt(fault, { file, lineOf })))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AppError('CAT_SITE_UNREADABLE', { cause, detail: `'${file}'`, file })
  }
}

function yamlProblem(file: string, error: YAMLError): SiteProblem {
  const message = (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '')
  const line = error.linePos?.[0].line
  return {
    code: error.code === 'DUPLICATE_KEY' ? 'CAT_SITE_DUPLICATE' : 'CAT_SITE_UNREADABLE',
    file,
    ...(line !== undefined && { line }),
    where: '',
    message
  }
}

function schemaFaults(value: unknown): SiteFault[] {
  const [, errors] = Errors(siteFileSchema, value)
  return errors
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ keyword, instancePath, message }) => ({
      code: 'CAT_SITE_INVALID',
      path: instancePath.split('/').slice(1).map(unescapePointer),
      message: keyword === 'boolean' ? 'a site file has nothing of this name here' : message
    }))
}

const unescapePointer = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')

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
    detail: problems.map(textOf).join('; '),
    file: problems[0]?.file,
    problems
  })
}

function textOf({ file, line, where, message }: SiteProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return where === '' ? `${place}: ${message}` : `${place}: ${where}: ${message}`
}
