import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { runTool } from '../../run-tool.ts'
import { deployCache } from '../go-tool.ts'
import { type CustomResource, schemasOfApi, schemasOfCustomResource } from './convert.ts'
import { type SchemaModule, schemaModules, writtenDefinitions, writtenSchemas } from './modules.ts'

/** Changes with what the schemas are made of, and with how. */
const LAYOUT = 2

/** All CustomResourceDefinitions that the modules carry, as JSON. */
const DEFINITIONS_FILE = '_custom-resources.json'

/**
 * The folder with a strict schema of each kind that we may use, from the cache or made of Go modules, which are
 * downloaded for it once: half a minute. Throws where Go is missing.
 */
export async function obtainSchemas(): Promise<string> {
  const source = JSON.stringify([LAYOUT, schemaModules, writtenSchemas])
  const id = createHash('sha256').update(source).digest('hex').slice(0, 12)
  const folder = join(deployCache, `schemas-${id}`)
  if (existsSync(folder)) return folder
  const modules = mkdtempSync(join(tmpdir(), 'meridian-modules-'))
  const making = `${folder}.${process.pid}`
  try {
    mkdirSync(making, { recursive: true })
    const definitions = [...writtenDefinitions]
    for (const source of schemaModules) definitions.push(...(await addModule(making, source, modules)))
    writeSchemas(making, new Map(Object.entries(writtenSchemas)))
    writeFileSync(join(making, DEFINITIONS_FILE), JSON.stringify(definitions))
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
    rmSync(modules, { recursive: true, force: true })
  }
  return folder
}

/** The definitions of all kinds that Kubernetes itself does not have, for a server that is to know them. */
export async function obtainDefinitions(): Promise<CustomResource[]> {
  return JSON.parse(readFileSync(join(await obtainSchemas(), DEFINITIONS_FILE), 'utf8')) as CustomResource[]
}

function writeSchemas(folder: string, schemas: ReadonlyMap<string, unknown>): void {
  for (const [name, schema] of schemas) writeFileSync(join(folder, name), JSON.stringify(schema))
}

/** Writes the schemas of a module; gives the definitions of kinds that it has. */
async function addModule(
  folder: string,
  { module, path }: SchemaModule,
  cache: string
): Promise<readonly CustomResource[]> {
  const told = await runTool('go', ['mod', 'download', '-json', module], {
    timeoutMs: 300_000,
    env: { ...process.env, GOMODCACHE: cache, GOFLAGS: '-modcacherw' }
  })
  const source = join((JSON.parse(told) as { Dir: string }).Dir, path)
  const definitions = statSync(source).isFile() ? [] : readCustomResources(source)
  const schemas =
    definitions.length === 0
      ? readApi(source)
      : new Map(definitions.flatMap(d => [...schemasOfCustomResource(d)]))
  writeSchemas(folder, schemas)
  return definitions
}

function readApi(file: string): Map<string, unknown> {
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as {
    definitions: Parameters<typeof schemasOfApi>[0]
  }
  return schemasOfApi(definitions)
}

const readCustomResources = (folder: string): CustomResource[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.yaml') && !name.startsWith('kustom'))
    .flatMap(name => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map(document => (document.toJS() ?? {}) as CustomResource)
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
