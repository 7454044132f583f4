import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { obtainGoTool } from '../go-tool.ts'
import type { Fault } from '../policy/rule.ts'
import { obtainSchemas } from './obtain.ts'

/** A stream of YAML documents, and what it is called. */
interface NamedText {
  readonly name: string
  readonly text: string
}

/** A fault, and the name of the text that has it. */
interface NamedFault extends Fault {
  readonly of: string
}

interface Answer {
  readonly resources?: readonly {
    readonly filename: string
    readonly kind: string
    readonly name: string
    readonly msg: string
  }[]
}

const OUTPUT_BYTES = 64 * 2 ** 20
const CHECK_MS = 120_000

/**
 * What objects have against the schemas of their kinds: unknown fields, missing ones, wrong types, and kinds that are
 * not known. All texts at once, since reading the schemas takes longest. Throws where the tool is not to be had.
 */
export async function faultsAgainstSchemas(texts: readonly NamedText[]): Promise<NamedFault[]> {
  const [binary, schemas] = [await obtainGoTool('kubeconform'), await obtainSchemas()]
  const folder = mkdtempSync(join(tmpdir(), 'meridian-objects-'))
  const nameOf = new Map(texts.map(({ name }, at) => [join(folder, `${at}.yaml`), name]))
  try {
    for (const [at, { text }] of texts.entries()) writeFileSync(join(folder, `${at}.yaml`), text)
    const location = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json')
    const options = ['-strict', '-output', 'json', '-schema-location', location]
    const { resources = [] } = JSON.parse(await outputOf(binary, [...options, folder])) as Answer
    return resources.map(({ filename, kind, name, msg }) => ({
      of: nameOf.get(filename) ?? filename,
      object: `${kind}/${name}`,
      rule: 'schema',
      what: causeOf(msg)
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The innermost causes, `at '/spec': additional properties 'a' not allowed`, without those that only lead there. */
function causeOf(message: string): string {
  const [, ...causes] = message.split(/\s+- (?=at ')/)
  return causes.filter(cause => !cause.endsWith(': validation failed')).join('; ') || message
}

/** What a program prints; an exit code above 0 is no error where it printed something. */
const outputOf = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: OUTPUT_BYTES, timeout: CHECK_MS }, (error, stdout) =>
      error !== null && stdout === '' ? reject(error) : resolve(stdout)
    )
  })
