/**
 * The steps of docs/extending.md. Every fenced block of the page is a step, and the last sentence above it
 * says what becomes of the text: ``Create `file`:``, ``At the end of `file`, add:``, ``In `file`,
 * after|before the line `text`, add:``, ``In `file`, replace the line `text` by:`` (`the line that begins
 * with` where it is long), or `Run:` for commands of a shell.
 */

/** A file that is new, or gets text at its end. */
interface WholeFile {
  readonly kind: 'create' | 'append'
  readonly file: string
  readonly text: string
}

/** An edit beside a line, or in its place. */
interface AtLine {
  readonly kind: 'after' | 'before' | 'replace'
  readonly file: string
  /** The line, without the blanks around it. */
  readonly where: string
  /** Whether `where` is only how the line begins. */
  readonly begins: boolean
  readonly text: string
}

/** A step that changes a file. */
export type Edit = WholeFile | AtLine

/** What a reader of docs/extending.md does in one step. */
type Step = Edit | { readonly kind: 'run'; readonly commands: readonly string[] }

/** One heading of `docs/extending.md` with the edits that stand below it. */
export interface Section {
  readonly heading: string
  readonly steps: readonly Step[]
}

/** The tree that edits are made in, by paths from its root. */
export interface Tree {
  /** Undefined where there is no such file. */
  read(file: string): string | undefined
  write(file: string, text: string): void
}

const CODE = '(`{1,2})(.+?)'
const FORMS: readonly (readonly [RegExp, (values: readonly string[]) => Omit<Step, 'text' | 'commands'>])[] =
  [
    [/\bRun:$/, () => ({ kind: 'run' })],
    [/\bCreate `([^`]+)`:$/, ([file = '']) => ({ kind: 'create', file })],
    [/\bAt the end of `([^`]+)`, add:$/, ([file = '']) => ({ kind: 'append', file })],
    [
      new RegExp(
        `\\bIn \`([^\`]+)\`, (after|before|replace) the line (that begins with )?${CODE}\\4(?:, add| by):$`
      ),
      ([file = '', kind, begins, , where = '']) => ({
        kind: kind as 'after',
        file,
        begins: begins !== undefined,
        where
      })
    ]
  ]

/**
 * The sections of the page that have steps. Throws where a block has no sentence that says what becomes of
 * it.
 */
export const readSections = (page: string): readonly Section[] =>
  page
    .split(/^## /m)
    .slice(1)
    .map(part => ({ heading: part.slice(0, part.indexOf('\n')), steps: stepsOf(part) }))
    .filter(({ steps }) => steps.length > 0)

const BLOCK = /^([^\n]+)\n\n( *)```\w+\n(.*?)^ *```$/gms

function stepsOf(section: string): readonly Step[] {
  const steps = [...section.matchAll(BLOCK)].map(([, sentence = '', indent = '', text = '']) =>
    stepOf(sentence, text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
  )
  const fences = section.match(/^ *```/gm)?.length ?? 0
  if (fences !== 2 * steps.length)
    throw new Error(`a block without a sentence above it: ${section.slice(0, 40)}`)
  return steps
}

function stepOf(sentence: string, text: string): Step {
  for (const [pattern, read] of FORMS) {
    const values = pattern.exec(sentence)?.slice(1)
    if (values === undefined) continue
    const step = read(values)
    return (
      step.kind === 'run' ? { ...step, commands: text.trimEnd().split('\n') } : { ...step, text }
    ) as Step
  }
  throw new Error(`not a step: ${sentence}`)
}

/** Makes one edit. Throws where the file, or the line that the page names, is not there exactly once. */
export function applyEdit(step: Edit, tree: Tree): void {
  tree.write(step.file, edited(step, tree.read(step.file)))
}

function edited(step: Edit, before: string | undefined): string {
  const { kind, file, text } = step
  if (kind === 'create') {
    if (before !== undefined) throw new Error(`${file} is there already`)
    return text
  }
  if (before === undefined) throw new Error(`no file ${file}`)
  return kind === 'append' ? before + text : placed(step as AtLine, before)
}

function placed(step: AtLine, before: string): string {
  const { kind, file, where, begins, text } = step
  const lines = before.split('\n')
  const isIt = (line: string): boolean => (begins ? line.trim().startsWith(where) : line.trim() === where)
  const hits = lines.filter(isIt).length
  if (hits !== 1) throw new Error(`${file} has ${hits} times the line ${where}`)
  const at = lines.findIndex(isIt) + (kind === 'after' ? 1 : 0)
  return lines.toSpliced(at, kind === 'replace' ? 1 : 0, ...text.trimEnd().split('\n')).join('\n')
}
