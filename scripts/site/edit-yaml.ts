import { AppError } from '@meridian/errors'
import { isAlias, isCollection, isMap, isNode, type Pair, parseDocument, Scalar, type YAMLMap } from 'yaml'

// Edits of YAML that people wrote: what is not named stays as it stands, letter by letter.

/** The way to a value: names of maps, the last one of the value itself. */
export type YamlPath = readonly [string, ...string[]]

/**
 * The text with a value at a path of maps: in the place of the one that stands there, else at the end of the
 * map, with the maps on the way that are missing. Throws RUN_BAD_FILE where an alias, or no map, stands on
 * the way.
 */
export function setInYaml(text: string, path: YamlPath, value: string): string {
  const { map, left } = walk(text, path)
  const [name = '', ...inner] = left
  const pair = pairOf(map, name)
  if (pair === undefined) return insert(text, map, [left, value])
  if (inner.length > 0 || !(pair.value instanceof Scalar)) throw unfit(path, 'what stands there is no text')
  const [start, end] = rangeOf(pair.value)
  return splice(text, start, end, value)
}

/** The text without what stands at a path; itself where nothing does. Throws RUN_BAD_FILE as `setInYaml`. */
export function removeFromYaml(text: string, path: YamlPath): string {
  const { map, left } = walk(text, path)
  const at = map.items.findIndex(({ key }) => nameOf(key) === left[0])
  if (left.length > 1 || at < 0) return text
  return map.flow === true ? removeFromFlow(text, map, at) : removeLines(text, map.items[at] as Pair)
}

interface Place {
  /** The innermost map of the path that is there. */
  readonly map: YAMLMap
  /** What of the path comes below it. */
  readonly left: readonly string[]
}

function walk(text: string, path: YamlPath): Place {
  let node: unknown = parseDocument(text).contents
  for (let depth = 0; ; depth++) {
    if (isAlias(node)) throw unfit(path.slice(0, depth), `it is the alias *${node.source}`)
    if (!isMap(node)) throw unfit(path.slice(0, depth), 'it is no map')
    const left = path.slice(depth)
    const inner: unknown = pairOf(node, left[0] ?? '')?.value
    if (left.length === 1 || inner === undefined) return { map: node, left }
    node = inner
  }
}

const unfit = (path: readonly string[], why: string): AppError =>
  new AppError('RUN_BAD_FILE', { detail: `${path.join('.') || 'the file'} cannot be written: ${why}` })

const nameOf = (key: unknown): unknown => (key instanceof Scalar ? key.value : key)

const pairOf = (map: YAMLMap, name: string): Pair | undefined =>
  map.items.find(({ key }) => nameOf(key) === name)

/** Where a node begins and ends; of a node that was read. */
function rangeOf(node: unknown): readonly [start: number, end: number] {
  const range = isNode(node) ? node.range : undefined
  if (!range) throw new TypeError('a node that was not read from a text')
  return [range[0], range[1]]
}

/** Where the last letter of a value stands; of lines of a block, that of the last one. */
function endOf({ key, value }: Pair): number {
  if (isCollection(value) && value.flow !== true) {
    const last = value.items.at(-1)
    if (last !== undefined) return isNode(last) ? rangeOf(last)[1] : endOf(last as Pair)
  }
  return rangeOf(isNode(value) ? value : key)[1]
}

const splice = (text: string, start: number, end: number, by: string): string =>
  `${text.slice(0, start)}${by}${text.slice(end)}`

type Entry = readonly [path: readonly string[], value: string]

function insert(text: string, map: YAMLMap, entry: Entry): string {
  const last = map.items.at(-1)
  if (map.flow === true) {
    const [start, end] = rangeOf(map)
    if (last === undefined) return splice(text, start, end, `{ ${flowText(entry)} }`)
    const at = endOf(last)
    return splice(text, at, at, `, ${flowText(entry)}`)
  }
  const first = map.items[0]
  if (first === undefined || last === undefined) throw new TypeError('a block without a line')
  const at = lineAfter(text, endOf(last))
  const lines = blockText(entry, columnOf(text, rangeOf(first.key)[0]))
  return splice(text, at, at, text[at - 1] === '\n' ? lines : `\n${lines}`)
}

const flowText = ([[name = '', ...inner], value]: Entry): string =>
  `${name}: ${inner.length === 0 ? value : `{ ${flowText([inner, value])} }`}`

function blockText([[name = '', ...inner], value]: Entry, indent: number): string {
  const line = `${' '.repeat(indent)}${name}:`
  return inner.length === 0 ? `${line} ${value}\n` : `${line}\n${blockText([inner, value], indent + 2)}`
}

const columnOf = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1)

/** Where the line after that of a place begins, the end of the text where there is none. */
function lineAfter(text: string, at: number): number {
  // Lines of a block end behind their last line.
  const end = text.indexOf('\n', text[at - 1] === '\n' ? at - 1 : at)
  return end < 0 ? text.length : end + 1
}

function removeLines(text: string, pair: Pair): string {
  const start = rangeOf(pair.key)[0]
  return splice(text, start - columnOf(text, start), lineAfter(text, endOf(pair)), '')
}

function removeFromFlow(text: string, map: YAMLMap, at: number): string {
  const pairs = map.items as Pair[]
  const [before, pair, after] = [pairs[at - 1], pairs[at], pairs[at + 1]]
  if (pair === undefined) return text
  const start = before === undefined ? rangeOf(pair.key)[0] : endOf(before)
  const end = before === undefined && after !== undefined ? rangeOf(after.key)[0] : endOf(pair)
  return splice(text, start, end, '')
}
