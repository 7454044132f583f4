/** The two programs in Python of docs/examples: what the device says is what the reader prints. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startTestSite } from '@meridian/broker/testing'
import { startSiteService, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { python } from '../full/python.ts'
import { root } from '../root.ts'

/** Runs an example until the test ends; gives the lines that it prints. */
function run(t: Test, name: string, ...args: readonly string[]): readonly string[] {
  const file = join(root, 'docs/examples', name)
  const child = spawn(python, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  return lines
}

t.test('a device in Python is in the system, and a reader in Python hears it', async t => {
  const { nats, stop } = await startTestSite()
  t.teardown(stop)
  const producer = await startSiteService('producer', nats)
  t.teardown(() => producer.stop())
  const gateway = await startSiteService('gateway', nats)
  t.teardown(() => gateway.stop())
  run(t, 'device.py', nats.url, 'summit')
  const lines = run(t, 'reader.py', gateway.address, 'tel.summit.Greenhouse.0.climate')
  await waitFor(() => lines.length >= 2, { what: 'two samples', timeoutMs: 60_000 })
  t.match(lines.at(-1), /^tel\.summit\.Greenhouse\.0\.climate \{"celsius": 20\.\d+, "isOpen": false\}$/)
})
