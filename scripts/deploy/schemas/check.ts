import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { kubeconform, obtainGoTool } from '../go-tool.ts'
import type { Fault } from '../policy/rule.ts'
import { obtainSchemas } from './obtain.ts'

interface Answer {
  readonly resources?: readonly {
    readonly kind: string
    readonly name: string
    readonly status: string
    readonly msg: string
    readonly validationErrors?: readonly { readonly path: string; readonly msg: string }[]
  }[]
}

/**
 * What the objects of a stream of YAML documents have against the schemas of their kinds: unknown fields, missing
 * ones, wrong types, and kinds that are not known. Throws where the tool is not to be had.
 */
export async function faultsAgainstSchemas(text: string): Promise<Fault[]> {
  const [binary, schemas] = [await obtainGoTool(kubeconform), await obtainSchemas()]
  const location = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json')
  const answer = await answerOf(binary, ['-strict', '-output', 'json', '-schema-location', location], text)
  return (answer.resources ?? []).map(({ kind, name, msg, validationErrors = [] }) => ({
    object: `${kind}/${name}`,
    rule: 'schema',
    what:
      validationErrors.length === 0
        ? msg
        : validationErrors.map(({ path, msg }) => `${path || '/'} ${msg}`).join('; ')
  }))
}

/** What kubeconform says of its standard input; it exits with 1 where it found something. */
async function answerOf(binary: string, args: readonly string[], input: string): Promise<Answer> {
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 })
  child.stdin.end(input)
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) output += text
  return JSON.parse(output) as Answer
}
