/**
 * What `pnpm streams` refuses to back up or to restore: nothing stays of a backup that could not be made, and one that is
 * not whole touches no stream.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { append, streamState } from '@meridian/broker'
import { eventOf } from '@meridian/subjects'
import { scriptCommand } from '@meridian/testing'
import t from 'tap'
import { readBackup } from '../streams/read-backup.ts'
import { begin, type Ended } from './keyed-site/command.ts'
import { SITE } from './keyed-site/facts.ts'
import { makeStreams, startKeyedSite } from './keyed-site/start-keyed-site.ts'

t.setTimeout(300_000)

const site = await startKeyedSite(t)
const { folder, streams } = site
const backup = join(folder, 'backup')
await makeStreams(site)
const producer = await site.connect('producer')
t.teardown(() => producer.drain())
const subject = eventOf({ site: SITE, csc: 'MTMount', index: 0, topic: 'target' })
for (let n = 1; n <= 100; n++) await append(producer, { subject, data: `${n}`.repeat(100) })

const observer = await site.connect('observer')
t.teardown(() => observer.drain())
const epochs = (): Promise<readonly string[]> =>
  Promise.all(['EVT', 'SCRIPT'].map(async name => (await streamState(observer, name)).epoch))

t.test('what cannot be backed up is told, and nothing of it stays', async t => {
  t.match(await streams(['backup', backup]), { code: 0 })
  const refusals: readonly (readonly [string, Promise<Ended>, object])[] = [
    ['there already', streams(['backup', backup]), { code: 2, err: /^RUN_BAD_BACKUP: .*is there already$/m }],
    [
      'no folder to put it into',
      streams(['backup', join(folder, 'no', 'where')]),
      { code: 2, err: /^RUN_BAD_FILE: .*no such file/m }
    ],
    [
      'a key without the right',
      streams(['backup', join(folder, 'other')], { NATS_NKEY_FILE: site.seedOf('observer') }),
      { code: 1, err: /^BRK_NOT_PERMITTED: /m }
    ],
    [
      'a broker that is away',
      streams(['backup', join(folder, 'other'), '--nats', 'nats://127.0.0.1:1']),
      { code: 1, err: /^BRK_UNAVAILABLE: /m }
    ]
  ]
  for (const [what, refused, expected] of refusals) t.match(await refused, expected, what)
  t.same(
    readdirSync(folder).filter(name => /partial|other/.test(name)),
    [],
    'nothing of them stays'
  )
})

t.test('a disk that is full is told, and nothing stays on it', async t => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const script = `mount -t tmpfs -o size=16k tmpfs ${disk} || exit 77; "$@"; code=$?; ls ${disk}; exit $code`
  const command = [process.execPath, ...scriptCommand('streams'), 'backup', join(disk, 'backup')]
  const full = await begin('unshare', ['-rm', 'sh', '-c', script, 'sh', ...command], site.asAdmin).ended
  if (full.code === 77 || /^unshare:/m.test(full.err)) {
    t.plan(0, 'no disk of its own can be mounted here')
    return
  }
  t.match(full, { code: 2, err: /^RUN_NO_ROOM: .*disk/m })
  t.match(full.out, /^(\w+: \d+ messages\n)*$/, 'the disk is empty')
})

t.test('a backup that is not whole is refused, and nothing is replaced by it', async t => {
  const damaged = join(folder, 'damaged')
  const damages: readonly (readonly [() => void, RegExp])[] = [
    [() => truncateSync(join(damaged, 'EVT.snapshot'), 1_000), /EVT\.snapshot is truncated or was altered/],
    [() => flipByte(join(damaged, 'AUDIT.snapshot')), /AUDIT\.snapshot is truncated or was altered/],
    [() => appendFileSync(join(damaged, 'backup.json'), ' '), /backup\.json is truncated or was altered/],
    [() => rmSync(join(damaged, 'SCRIPT.snapshot')), /SCRIPT\.snapshot is missing/],
    [() => rmSync(join(damaged, 'SHA256SUMS')), /has no SHA256SUMS: it is no backup/],
    [() => writeFileSync(join(damaged, 'SHA256SUMS'), 'x\n'), /SHA256SUMS was altered/],
    [
      () => writeFileSync(join(damaged, 'SHA256SUMS'), sumsWithout('EVT.snapshot')),
      /does not name EVT\.snapshot/
    ],
    [() => putFolder('EVT.snapshot'), /EVT\.snapshot is no file/],
    [() => putFolder('backup.json'), /backup\.json is no file/],
    [() => putFolder('SHA256SUMS'), /SHA256SUMS is no file/],
    [() => sayEvtTwice(), /backup\.json names EVT twice/],
    [() => rmSync(damaged, { recursive: true }), /it is not there/]
  ]
  for (const [damage, cause] of damages) {
    rmSync(damaged, { recursive: true, force: true })
    cpSync(backup, damaged, { recursive: true })
    damage()
    await t.rejects(readBackup(damaged), { code: 'RUN_BAD_BACKUP', message: cause })
  }
  cpSync(backup, damaged, { recursive: true })
  truncateSync(join(damaged, 'EVT.snapshot'), 1_000)
  const before = await epochs()
  const refused = await streams(['restore', damaged, '--replace'])
  t.match(refused, { code: 2, out: '', err: /^RUN_BAD_BACKUP: .*EVT\.snapshot is truncated/m })
  t.same(await epochs(), before)
})

t.test('a backup that needs more room than there is replaces nothing', async t => {
  const large = join(folder, 'large')
  cpSync(backup, large, { recursive: true })
  rewriteManifest(large, text => text.replace(/("max_bytes": )\d+/g, '$1900000000000'))
  const before = await epochs()
  const refused = await streams(['restore', large, '--replace'])
  t.match(refused, { code: 1, out: '', err: /^BRK_NO_ROOM: .* MiB more/m })
  t.same(await epochs(), before)
})

/** A folder where a file of the backup stood. */
function putFolder(name: string): void {
  rmSync(join(folder, 'damaged', name))
  mkdirSync(join(folder, 'damaged', name))
}

const sayEvtTwice = (): void =>
  rewriteManifest(join(folder, 'damaged'), text => {
    const manifest = JSON.parse(text)
    const evt = manifest.streams.find(({ name }: { name: string }) => name === 'EVT')
    return JSON.stringify({ ...manifest, streams: [...manifest.streams, evt] })
  })

/** Writes another `backup.json`, and its checksum. */
function rewriteManifest(backup: string, change: (text: string) => string): void {
  const [manifest, sums] = [join(backup, 'backup.json'), join(backup, 'SHA256SUMS')]
  writeFileSync(manifest, change(readFileSync(manifest, 'utf8')))
  const sum = createHash('sha256').update(readFileSync(manifest)).digest('hex')
  const others = readFileSync(sums, 'utf8').replace(/.*backup\.json\n/, '')
  writeFileSync(sums, `${others}${sum}  backup.json\n`)
}

const flipByte = (file: string): void => {
  const bytes = readFileSync(file)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

const sumsWithout = (name: string): string =>
  readFileSync(join(backup, 'SHA256SUMS'), 'utf8').replace(new RegExp(`.*${name}\n`), '')
