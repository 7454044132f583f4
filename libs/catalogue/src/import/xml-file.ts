import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { Problems } from './problems.ts'

/** An element: its children as lists by tag, its own text under `#text`. */
export interface XmlElement {
  readonly [tag: string]: unknown
}

/** A parsed file with the line on which each element begins. */
export interface XmlFile {
  /** Path relative to the interface directory. */
  readonly file: string
  readonly rootName: string
  readonly root: XmlElement
  lineOf(element: XmlElement): number | undefined
}

const ELEMENTS = new Set([
  'SALSubsystem',
  'SALCommandSet',
  'SALEventSet',
  'SALCommand',
  'SALEvent',
  'SALTelemetry',
  'Enumeration',
  'item'
])

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  commentPropName: '#comment',
  captureMetaData: true,
  isArray: tag => ELEMENTS.has(tag)
})

const META = XMLParser.getMetaDataSymbol() as unknown as symbol

/**
 * Reads one XML file of an interface directory. A file that cannot be parsed is reported in `problems`, and
 * the result is undefined.
 */
export function readXml(directory: string, file: string, problems: Problems): XmlFile | undefined {
  const text = readText(directory, file, problems)
  if (text === undefined) return undefined
  const valid = XMLValidator.validate(text)
  if (valid !== true) {
    problems.add({ code: 'CAT_BAD_XML', file, element: '', line: valid.err.line, message: valid.err.msg })
    return undefined
  }
  return parseXml(text, file, problems)
}

function readText(directory: string, file: string, problems: Problems): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(directory, file)))
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing ? 'no such file' : 'not readable as UTF-8 text'
    problems.add({ code: missing ? 'CAT_NO_FILE' : 'CAT_BAD_XML', file, element: '', message })
    return undefined
  }
}

function parseXml(text: string, file: string, problems: Problems): XmlFile | undefined {
  try {
    const document = parser.parse(text) as XmlElement
    const [rootName, root] = Object.entries(document).find(([tag]) => !tag.startsWith('#')) ?? []
    if (rootName === undefined) throw new Error('no root element')
    const first: unknown = Array.isArray(root) ? root[0] : root
    const lineStarts = startsOfLines(text)
    return { file, rootName, root: asElement(first), lineOf: element => lineOf(lineStarts, element) }
  } catch (error) {
    problems.add({ code: 'CAT_BAD_XML', file, element: '', message: (error as Error).message })
    return undefined
  }
}

const asElement = (value: unknown): XmlElement =>
  typeof value === 'object' && value !== null ? (value as XmlElement) : { '#text': String(value) }

function startsOfLines(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), match => match.index + 1)]
}

function lineOf(lineStarts: readonly number[], element: XmlElement): number | undefined {
  const { startIndex: start } = (Reflect.get(element, META) ?? {}) as { startIndex?: number }
  if (start === undefined) return undefined
  const next = lineStarts.findIndex(at => at > start)
  return next === -1 ? lineStarts.length : next
}

/** Child elements with one tag, in the order of the file. */
export function childrenOf(element: XmlElement, tag: string): readonly XmlElement[] {
  const value = element[tag]
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(asElement)
}

/** Untrimmed text of the only child with this tag; undefined where there is none or more than one. */
export function textOf(element: XmlElement, tag: string): string | undefined {
  const texts = textsOf(element, tag)
  return texts.length === 1 ? texts[0] : undefined
}

/** Untrimmed texts of all children with this tag. */
export const textsOf = (element: XmlElement, tag: string): readonly string[] =>
  childrenOf(element, tag).map(child => (typeof child['#text'] === 'string' ? child['#text'] : ''))
