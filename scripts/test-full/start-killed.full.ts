import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { freePort } from '../start/ports.ts'
import { isAlive, startCommand as start } from '../start/start-command.ts'

const until = (what: string, holds: () => boolean): Promise<boolean> => waitFor(holds, { what })

/** Ids of the brokers that work in a data folder, those that are about to begin included. */
function brokersOf(data: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${data}/nats.conf`)
      } catch {
        return false
      }
    })
    .map(Number)
}

t.test('killed at any moment, a start leaves nothing that the next one does not end first', async t => {
  const data = t.testdir()
  const port = String(await freePort())
  const claims = (): string => {
    try {
      return readdirSync(`${data}/claims`)
        .map(name => readFileSync(`${data}/claims/${name}`, 'utf8'))
        .join()
    } catch {
      return ''
    }
  }
  const moments: readonly [string, (running: ReturnType<typeof start>) => Promise<unknown>][] = [
    ['as soon as it has claimed the folder', () => until('a claim', () => claims().includes('starter'))],
    ['when it has a binary', running => running.said(/nats-server .* from/)],
    ['when the broker was written down', () => until('its id', () => claims().includes('"nats-server"'))],
    ['when the broker is ready', running => running.said(/✓ nats-server [\d.]+ s/)],
    ['when the streams are there', running => running.said('streams TEL')],
    ['when the first services run', running => running.said(/✓ (producer|simulator|commander)/)]
  ]
  let most = 0
  const watching = setInterval(() => {
    most = Math.max(most, brokersOf(data).length)
  }, 25)
  t.teardown(() => clearInterval(watching))
  for (const [moment, comes] of moments) {
    const killed = start('--profile', 'small', '--port', port, '--data', data)
    await comes(killed)
    killed.child.kill('SIGKILL')
    await once(killed.child, 'close')
    t.ok(brokersOf(data).length <= 1, moment)
  }
  const [last, rival] = [0, 1].map(() => start('--profile', 'small', '--port', port, '--data', data))
  const both = [last, rival].filter(one => one !== undefined)
  t.teardown(() => both.map(({ child }) => child.exitCode ?? process.kill(-(child.pid as number), 'SIGINT')))
  const [refused, up] = await Promise.race(
    both.map(async (one, at) => {
      await once(one.child, 'exit')
      return [one, both[1 - at] as typeof one] as const
    })
  )
  t.match(refused.output(), /RUN_FOLDER_IN_USE: .* Meridian runs on .* already \(process \d+\)/)
  await up.said('Ctrl-C ends everything')
  t.equal(brokersOf(data).length, 1)
  process.kill(-(up.child.pid as number), 'SIGINT')
  t.equal((await once(up.child, 'exit'))[0], 0)
  t.equal(most, 1, 'there was never a second broker on the store')
  t.same(brokersOf(data), [])
  t.same(readdirSync(`${data}/claims`), [])
})

t.test(
  'when the start command itself is killed, its services end and the next start ends its broker',
  async t => {
    const data = t.testdir()
    const killed = start('--profile', 'small', '--port', String(await freePort()), '--data', data)
    await killed.said('Ctrl-C ends everything')
    const { pids } = JSON.parse(readFileSync(`${data}/run.json`, 'utf8')) as { pids: Record<string, number> }
    killed.child.kill('SIGKILL')
    await until('the services are gone', () =>
      Object.entries(pids).every(([name, pid]) => name === 'nats-server' || !isAlive(pid))
    )

    const next = start('--profile', 'small', '--port', String(await freePort()), '--data', data)
    t.teardown(() => next.child.exitCode ?? process.kill(-(next.child.pid as number), 'SIGINT'))
    await next.said('an earlier start had left its broker running')
    await next.said('Ctrl-C ends everything')
    process.kill(-(next.child.pid as number), 'SIGINT')
    const [code] = await once(next.child, 'exit')
    t.equal(code, 0)
  }
)
