import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startGateway } from '../test/gateway-process.ts'
import { startObservatory } from '../test/observatory.ts'

t.setTimeout(120_000)
const script = fileURLToPath(new URL('../../../scripts/forget.ts', import.meta.url))

t.test('pnpm forget says what it removed, and refuses a process that runs', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const gateway = await startGateway(site.nats.url, { PROCESS_INDEX: '4' })
  t.teardown(() => gateway.end('SIGKILL'))
  for (const index of [5, 5, 6]) await site.put(`evt.summit.MTMount.${index}.summaryState`)
  const forget = async (...instances: readonly string[]): Promise<[number | null, string]> => {
    const args = ['--import', 'tsx', '--conditions=development', script, ...instances]
    const child = spawn(process.execPath, [...args, '--nats', site.nats.url])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    const [code] = (await once(child, 'exit')) as [number | null]
    return [code, output]
  }
  const [code, output] = await forget('MTMount:5', 'MTMount:6')
  t.equal(code, 0)
  t.match(output, 'MTMount:5: removed 0 of TEL, 2 of EVT\nMTMount:6: removed 0 of TEL, 1 of EVT\n')
  await waitFor(() => /"index":6.*component is forgotten/.test(gateway.output()), { what: 'it is forgotten' })
  const [refused, why] = await forget('Gateway:4')
  t.not(refused, 0)
  t.match(why, /RUN_STILL_RUNNING.*Gateway:4|Gateway:4/)
})
