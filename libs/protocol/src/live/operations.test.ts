import { readFileSync } from 'node:fs'
import t from 'tap'
import type { ValueSchema } from '../schema.ts'
import { clientFrameSchemas } from './client-frame-schemas.ts'
import { CLOSE, FINAL_CODES } from './close-codes.ts'
import { controlRecordSchemas } from './read-server-records.ts'

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/protocol.md')
const golden = JSON.parse(read('proto/conformance/frames.json')) as {
  readonly client: readonly { readonly frame: { readonly op: string } }[]
  readonly server: readonly { readonly records: readonly (readonly unknown[] | { readonly op: string })[] }[]
}

/** Operations in the first column of the table below a heading of the page. */
function documentedUnder(heading: string): readonly string[] {
  const section = page.split(/^## /m).find(part => part.startsWith(heading)) ?? ''
  const cells = section.split('\n').flatMap(line => /^\| (`.+?) \|/.exec(line)?.[1] ?? [])
  return cells.flatMap(cell => [...cell.matchAll(/`(\w+)`/g)].map(([, op]) => op as string))
}

const sorted = (ops: Iterable<string>): readonly string[] => [...new Set(ops)].sort()

t.test('every operation of a client is in the page and in the golden frames, and none else', async t => {
  const ops = sorted(Object.keys(clientFrameSchemas))
  t.same(sorted(documentedUnder('Client to gateway')), ops)
  t.same(sorted(golden.client.map(({ frame }) => frame.op)), ops)
})

t.test('the page says of each close code whether a client comes back', async t => {
  const rows = [...(page.split(/^## Close codes$/m)[1] ?? '').matchAll(/^\| (\d{4}) \| .+ \| (yes|no)/gm)]
  const comesBack = new Map(rows.map(([, code, answer]) => [Number(code), answer === 'yes']))
  for (const { code } of Object.values(CLOSE))
    t.equal(comesBack.get(code), !FINAL_CODES.has(code), String(code))
})

function membersOf(schema: ValueSchema): readonly string[] {
  if ('anyOf' in schema) return schema.anyOf.flatMap(membersOf)
  return schema.type === 'object' ? Object.keys(schema.properties ?? {}) : []
}

/** What the page says that the gateway's operations have, by operation. */
const documentedMembers = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm)].map(([, op, cell = '']) => [op, cell])
)

t.test('the page names each member of what the gateway says', async t => {
  for (const [op, schema] of Object.entries(controlRecordSchemas))
    for (const name of membersOf(schema))
      t.match(documentedMembers.get(op), new RegExp(`\`${name}\\??\``), `${op}: ${name}`)
})

t.test('every operation of the gateway is in the page and in the golden frames, and none else', async t => {
  const ops = sorted(Object.keys(controlRecordSchemas))
  t.same(sorted(documentedUnder('Gateway to client')), ops)
  t.same(sorted(golden.server.flatMap(({ records }) => records.flatMap(r => ('op' in r ? r.op : [])))), ops)
})
