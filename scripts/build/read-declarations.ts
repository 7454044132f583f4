import { realpathSync } from 'node:fs'
import ts from 'typescript'

/** A name of another file. */
interface Imported {
  /** Its source file. */
  readonly from: string
  readonly name: string
}

/** What an export is: a name of the file itself, or of the one that it is taken from. */
interface Exported {
  readonly from?: string
  readonly name: string
}

/** One declaration: its text with its doc comment, and how to ask for every name that stands in it. */
interface Declaration {
  readonly text: string
  /** Throws where a type is imported in the middle of the declaration. */
  mentions(): readonly string[]
}

/** What the declarations of one source file are, by name. */
export interface DeclaredFile {
  readonly exports: ReadonlyMap<string, Exported>
  /** By the name that this file uses. */
  readonly imports: ReadonlyMap<string, Imported>
  readonly declarations: ReadonlyMap<string, Declaration>
}

/** Reads what the compiler declared of a source file. Throws where it imports or exports otherwise than by names. */
export function readDeclarations(source: string, text: string, options: ts.CompilerOptions): DeclaredFile {
  const { statements } = ts.createSourceFile(source, text, ts.ScriptTarget.ESNext, true)
  const fileOf = (specifier: ts.Expression): string => sourceOf(specifier, source, options)
  const declarations = new Map<string, Declaration>()
  for (const statement of statements)
    for (const name of declaredIn(statement))
      declarations.set(name, together(declarations.get(name), statement))
  return {
    imports: new Map(statements.filter(ts.isImportDeclaration).flatMap(one => importsOf(one, fileOf))),
    exports: new Map([
      ...statements.filter(isExported).flatMap(declaredIn).map(ownExport),
      ...statements.filter(ts.isExportDeclaration).flatMap(one => exportsOf(one, fileOf))
    ]),
    declarations
  }
}

type FileOf = (specifier: ts.Expression) => string

function importsOf(
  { importClause, moduleSpecifier }: ts.ImportDeclaration,
  fileOf: FileOf
): [string, Imported][] {
  const from = fileOf(moduleSpecifier)
  return namesIn(importClause?.namedBindings).map(({ name, propertyName = name }) => [
    name.text,
    { from, name: propertyName.text }
  ])
}

function exportsOf(
  { exportClause, moduleSpecifier }: ts.ExportDeclaration,
  fileOf: FileOf
): [string, Exported][] {
  const from = moduleSpecifier && { from: fileOf(moduleSpecifier) }
  return namesIn(exportClause).map(({ name, propertyName = name }) => [
    name.text,
    { ...from, name: propertyName.text }
  ])
}

const ownExport = (name: string): [string, Exported] => [name, { name }]

type Names = ts.NamedImportBindings | ts.NamedExportBindings | undefined

function namesIn(names: Names): readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] {
  if (names !== undefined && (ts.isNamedImports(names) || ts.isNamedExports(names)))
    return [...names.elements]
  throw new Error(`the SDK's types import or export without names: ${names?.parent.getText()}`)
}

function sourceOf(specifier: ts.Expression, source: string, options: ts.CompilerOptions): string {
  const { text } = specifier as ts.StringLiteral
  const { resolvedModule } = ts.resolveModuleName(text, source, options, ts.sys)
  return resolvedModule === undefined ? text : realpathSync(resolvedModule.resolvedFileName)
}

function declaredIn(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  const { name } = statement as ts.DeclarationStatement
  return name === undefined ? [] : [name.text]
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

/** A function with several signatures is several statements. */
function together(before: Declaration | undefined, statement: ts.Statement): Declaration {
  return {
    text: `${before?.text ?? ''}${statement.getFullText()}`.trimStart(),
    mentions: () => [...(before?.mentions() ?? []), ...mentionedIn(statement)]
  }
}

function mentionedIn(node: ts.Node): readonly string[] {
  if (ts.isImportTypeNode(node)) throw new Error(`the SDK's types import in a place: ${node.getText()}`)
  if (ts.isIdentifier(node)) return [node.text]
  const found: string[] = []
  ts.forEachChild(node, child => void found.push(...mentionedIn(child)))
  return found
}
