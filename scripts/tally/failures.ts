/** What each line of a told failure begins with, so that the close of a run finds it in the output of a stage. */
const MARK = 'failed: '
/** Lines of diagnostics that are told of one assertion. */
const MOST_LINES = 24
/** Failures that are told of one run; more are counted. */
const MOST_FAILURES = 20

/** An assertion that failed, with the tests that it stands in. */
export interface Failure {
  /** The names of the file, the tests around it, and itself. */
  readonly names: readonly string[]
  /** What tap printed of it, without indentation. */
  readonly diagnostics: readonly string[]
}

interface Found {
  indent: number
  names: string[]
  diagnostics: string[]
}

/** The assertions that failed in an output of tap, in their order; a test around them is no failure of its own. */
export function failuresOf(output: string): Failure[] {
  const lines = output.split('\n')
  const found: Found[] = []
  for (const [at, line] of lines.entries()) {
    const [, spaces, name] = /^( *)not ok \d+(?: - (.*?))?(?: # time=\S+)?(?: \{)?$/.exec(line) ?? []
    if (spaces === undefined) continue
    const names = [name ?? 'without a name']
    const inside = found.filter(({ indent }) => indent > spaces.length)
    for (const failure of inside) {
      failure.names.unshift(...names)
      failure.indent = spaces.length
    }
    if (inside.length === 0)
      found.push({ indent: spaces.length, names, diagnostics: diagnosticsAt(lines, at + 1) })
  }
  return found.map(({ names, diagnostics }) => ({ names, diagnostics }))
}

/** The YAML block that begins there, without its marks and indentation. */
function diagnosticsAt(lines: readonly string[], at: number): string[] {
  const begin = lines[at] ?? ''
  if (begin.trim() !== '---') return []
  const indent = begin.indexOf('-')
  const end = lines.findIndex((line, index) => index > at && line.slice(indent) === '...')
  return lines.slice(at + 1, Math.min(end < 0 ? at + 1 : end, at + 1 + MOST_LINES)).map(l => l.slice(indent))
}

/** Failures as lines to print: where, then what tap said of it. */
export function tellFailures(where: string, failures: readonly Failure[]): string[] {
  const told = failures
    .slice(0, MOST_FAILURES)
    .flatMap(({ names, diagnostics }) => [
      `${MARK}${[where, ...names].join(' > ')}`,
      ...diagnostics.map(line => `${MARK}    ${line}`)
    ])
  const more = failures.length - MOST_FAILURES
  return more > 0 ? [...told, `${MARK}${where}: and ${more} more`] : told
}

/** The lines of failures in the printed output of a stage. */
export const toldFailuresIn = (output: string): string[] =>
  output.split('\n').filter(line => line.startsWith(MARK))
