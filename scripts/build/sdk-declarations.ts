/**
 * Declarations of the SDK, for programs outside of this repository: what an entry exports, with every declaration
 * that it mentions and nothing else, so that no package of ours or of others is imported.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../root.ts'
import type { DeclaredFile } from './read-declarations.ts'

const LIBS = join(root, 'libs')

/**
 * Writes `<entry>.d.ts` into the folder for each entry, given with its source file from the repository's folder, and
 * what they share into its folder `types/`. `files` has the declarations of these sources and of those that they
 * import. Throws where they need more than our own libraries.
 */
export function writeDeclarations(
  folder: string,
  entries: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, DeclaredFile>
): void {
  const kept = new Kept(files)
  for (const [entry, source] of Object.entries(entries)) {
    const lines = [...kept.file(join(root, source)).exports.keys()].map(name => {
      const { file, name: declared } = kept.keep(join(root, source), name)
      return `export { ${renamed(declared, name)} } from './${placeOf(file)}.js'`
    })
    write(join(folder, `${entry}.d.ts`), lines)
  }
  for (const source of kept.sources()) write(join(folder, `${placeOf(source)}.d.ts`), kept.linesOf(source))
}

/** Where the declarations of a source file go, from the folder and without an ending. */
const placeOf = (source: string): string =>
  join('types', relative(LIBS, source).replace('/src/', '/').replace(/\.ts$/, ''))

const renamed = (name: string, as: string): string => (name === as ? name : `${name} as ${as}`)

function write(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${lines.join('\n')}\n`)
}

/** A name where it is declared. */
interface Declared {
  readonly file: string
  readonly name: string
}

/** The declarations that are wanted, each with those that it mentions. */
class Kept {
  readonly #files: ReadonlyMap<string, DeclaredFile>
  readonly #names = new Map<string, Set<string>>()

  constructor(files: ReadonlyMap<string, DeclaredFile>) {
    this.#files = files
  }

  file(source: string): DeclaredFile {
    const file = this.#files.get(source)
    if (file === undefined) throw new Error(`the SDK's types need ${source}, which is no source of ours`)
    return file
  }

  sources(): Iterable<string> {
    return this.#names.keys()
  }

  /** Keeps what a file gives under a name, and says where that is declared. */
  keep(source: string, exported: string): Declared {
    const found = this.file(source).exports.get(exported)
    if (found === undefined) throw new Error(`${source} does not export ${exported}`)
    const { from, name } =
      found.from === undefined ? (this.file(source).imports.get(found.name) ?? found) : found
    if (from !== undefined) return this.keep(from, name)
    this.#keepLocal(source, found.name)
    return { file: source, name: found.name }
  }

  #keepLocal(source: string, name: string): void {
    const names = this.#names.get(source) ?? new Set()
    if (names.has(name)) return
    this.#names.set(source, names.add(name))
    const { declarations, imports } = this.file(source)
    for (const mentioned of declarations.get(name)?.mentions() ?? []) {
      const from = imports.get(mentioned)
      if (from !== undefined) this.keep(from.from, from.name)
      else if (declarations.has(mentioned)) this.#keepLocal(source, mentioned)
    }
  }

  /** The text of what is kept of a file: its imports, then its declarations in their order. */
  linesOf(source: string): readonly string[] {
    const { declarations, imports } = this.file(source)
    const names = this.#names.get(source) ?? new Set()
    const kept = [...declarations].filter(([name]) => names.has(name)).map(([, one]) => one)
    const mentioned = new Set(kept.flatMap(one => one.mentions()))
    const lines = [...imports]
      .filter(([local]) => mentioned.has(local))
      .map(([local, { from, name }]) => {
        const declared = this.keep(from, name)
        return `import { ${renamed(declared.name, local)} } from '${pathBetween(source, declared.file)}'`
      })
    // Several names may stand in one statement.
    return [...lines, ...new Set(kept.map(({ text }) => text)), 'export {}']
  }
}

function pathBetween(source: string, other: string): string {
  const path = relative(dirname(placeOf(source)), placeOf(other))
  return `${path.startsWith('.') ? '' : './'}${path}.js`
}
