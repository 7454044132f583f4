import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../root.ts'
import type { LocalBroker } from './local-broker.ts'

/** What the page of metrics says that the exporter reads: name, address of the monitor, and where it stands in the answer. */
export const figures = [
  ...readFileSync(join(root, 'docs/metrics.md'), 'utf8').matchAll(
    /^\| (nats_\w+) \| `(\/\w+)`(?: ([\w.]+))? \|/gm
  )
].map(([, name = '', page = '', path = 'status']) => ({ name, page, path: path.split('.') }))

/** What stands below a path, in the first entry of each list on the way that has it. */
export function valueAt(answer: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return answer
  const below = (answer as Readonly<Record<string, unknown>> | undefined)?.[key]
  const entries: readonly unknown[] = Array.isArray(below) ? below : [below]
  return entries.map(entry => valueAt(entry, rest)).find(value => value !== undefined)
}

/** Streams of an account, and its bytes on all servers. */
interface AccountDetail {
  readonly name: string
  readonly storage: number
  readonly stream_detail?: readonly { readonly name: string }[]
}

/** What the first server tells of an account. */
export async function accountAt(
  { servers, ask }: LocalBroker,
  account: string
): Promise<AccountDetail | undefined> {
  const [asked] = servers
  if (asked === undefined) return undefined
  const page = (await ask(asked, '/jsz?streams=true')) as { readonly account_details: AccountDetail[] }
  return page.account_details.find(({ name }) => name === account)
}
