import { didYouMean } from '@meridian/errors'
import { Errors } from 'typebox/schema'
import type { SiteFault } from './check-site.ts'
import { patternWords, type SiteFile, siteFileSchema } from './site-file.ts'

/** What of a file has the form of a site file, and every place where it has not. */
export interface CheckedSections {
  /** The sections without what is faulty, so that the rest can be checked further. */
  readonly sections: SiteFile
  readonly faults: readonly SiteFault[]
}

type Path = SiteFault['path']
type SchemaError = ReturnType<typeof Errors>[1][number]

/**
 * Checks the form of a file. The library tells some faults at a time: what it tells is cut out, and the rest
 * is checked again until nothing is left to tell.
 */
export function checkSections(value: unknown): CheckedSections {
  if (!isMap(value)) return { sections: {}, faults: [formFault([], 'a site file is a map of sections')] }
  const sections: Record<string, unknown> = structuredClone(value)
  const faults: SiteFault[] = []
  for (;;) {
    const found = faultsOf(sections)
    if (found.length === 0) return { sections: sections as SiteFile, faults }
    // A section that is empty now because its faults were cut out is no fault of its own.
    faults.push(...found.filter(({ path }) => !faults.some(known => isWithin(known.path, path))))
    for (const { path } of found) cutOut(sections, path)
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const formFault = (path: Path, message: string): SiteFault => ({ code: 'CAT_SITE_INVALID', path, message })

function faultsOf(sections: unknown): SiteFault[] {
  const [, errors] = Errors(siteFileSchema, sections)
  const faults = errors
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(error => {
      const path = error.instancePath.split('/').slice(1).map(unescapePointer)
      return formFault(path, messageOf(error, path))
    })
  // Each branch of a union tells the same of its place.
  return [...new Map(faults.map(fault => [JSON.stringify(fault), fault])).values()]
}

const unescapePointer = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of names',
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false'
}

/** What is wrong, in plain words. */
function messageOf(error: SchemaError, path: Path): string {
  const { keyword, message, schemaPath } = error
  const params: Readonly<Record<string, unknown>> = { ...error.params }
  if (keyword === 'anyOf' || schemaPath.includes('/anyOf/'))
    return 'must be true or false, a number or a text'
  switch (keyword) {
    case 'boolean':
      return `a site file has nothing of this name here${didYouMean(String(path.at(-1)), namesBeside(schemaPath))}`
    case 'type':
      return `must be ${TYPE_WORDS[String(params['type'])] ?? String(params['type'])}`
    case 'pattern':
      return `must be ${patternWords[String(params['pattern'])] ?? `of the form ${String(params['pattern'])}`}`
    case 'enum':
      return `must be one of ${[params['allowedValues']].flat().join(', ')}`
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'must not be empty'
    case 'minimum':
      return `must be at least ${String(params['limit'])}`
    case 'maximum':
      return `must be at most ${String(params['limit'])}`
    case 'required':
      return `lacks ${[params['requiredProperties']].flat().join(' and ')}`
    default:
      return message
  }
}

/** The names that the schema has where it refused one. */
function namesBeside(schemaPath: string): readonly string[] {
  let schema: unknown = siteFileSchema
  for (const token of schemaPath.split('/').slice(1, -1).map(unescapePointer))
    schema = isMap(schema) ? schema[token] : undefined
  const properties = isMap(schema) ? schema['properties'] : undefined
  return isMap(properties) ? Object.keys(properties) : []
}

/** Whether `path` stands at or around `inner`. */
const isWithin = (inner: Path, path: Path): boolean => path.every((token, at) => inner[at] === token)

/** Removes what stands at a path; of a list the whole list, so that what follows keeps its place. */
function cutOut(sections: Record<string, unknown>, path: Path): void {
  let around: Record<string, unknown> = sections
  for (const token of path.slice(0, -1)) {
    const inner = around[token]
    if (!isMap(inner)) {
      delete around[token]
      return
    }
    around = inner
  }
  delete around[String(path.at(-1))]
}
