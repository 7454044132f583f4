import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../root.ts'
import { type DeclaredFile, readDeclarations } from './read-declarations.ts'

/**
 * The declarations of the given source files and of all that they import from our own libraries, by the path of
 * the source. Types are not checked here. Throws where the compiler cannot declare something.
 */
export function emitDeclarations(sources: readonly string[]): ReadonlyMap<string, DeclaredFile> {
  const options = optionsOf()
  const ours = ts
    .createProgram(sources, options)
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter(isOurs)
  // As files of its own: what a program finds in node_modules, where our libraries are linked, is not declared.
  const program = ts.createProgram(ours, options)
  const files = new Map<string, DeclaredFile>()
  const { diagnostics } = program.emit(undefined, (_path, text, _mark, _onError, [source] = []) => {
    if (source !== undefined) files.set(source.fileName, readDeclarations(source.fileName, text, options))
  })
  const [problem] = diagnostics
  if (problem !== undefined) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'))
  return files
}

const isOurs = (path: string): boolean =>
  path.startsWith(join(root, 'libs')) && !path.includes('/node_modules/') && !path.endsWith('.d.ts')

function optionsOf(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  return {
    ...options,
    composite: false,
    sourceMap: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    rootDir: root,
    typeRoots: [join(root, 'node_modules/@types')]
  }
}
