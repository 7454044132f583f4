import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clauseOf, runTool } from '../run-tool.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** Newest first: sid has a current nats-server, trixie an old one. */
const SUITES = ['sid', 'trixie']

/**
 * Takes nats-server out of Debian's package, from the mirror that this machine already uses, without
 * installing anything and without root. The package is checked by apt against Debian's keyring.
 */
export async function unpackDebian(folder: string): Promise<string> {
  const mirror = await mirrorInUse()
  const failures: string[] = []
  for (const suite of SUITES) {
    try {
      return await takeFrom(suite, mirror, folder)
    } catch (error) {
      failures.push(`${suite}: ${clauseOf(error)}`)
    }
  }
  throw new Error(failures.join('; '))
}

async function mirrorInUse(): Promise<string> {
  const targets = await runTool('apt-get', ['indextargets', '--format', '$(REPO_URI) $(ORIGIN)'], {
    timeoutMs: 5000
  })
  const mirror = targets
    .split('\n')
    .find(line => /\/debian\/? /.test(line) || line.endsWith(' Debian'))
    ?.split(' ')[0]
  if (mirror === undefined) throw new Error('apt knows no Debian mirror')
  return mirror
}

async function takeFrom(suite: string, mirror: string, folder: string): Promise<string> {
  const scratch = join(folder, `.debian-${suite}`)
  await mkdir(join(scratch, 'lists/partial'), { recursive: true })
  await mkdir(join(scratch, 'cache/archives/partial'), { recursive: true })
  try {
    await writeFile(join(scratch, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`)
    const options = aptOptions(scratch)
    await runTool('apt-get', [...options, 'update'], { timeoutMs: 60_000 })
    await runTool('apt-get', [...options, 'download', 'nats-server'], { timeoutMs: 60_000, cwd: scratch })
    const deb = (await readdir(scratch)).find(file => file.endsWith('.deb'))
    if (deb === undefined) throw new Error('apt downloaded no package')
    await runTool('dpkg', ['-x', join(scratch, deb), join(scratch, 'root')], { timeoutMs: 30_000 })
    await copyFile(join(scratch, 'root/usr/sbin/nats-server'), join(folder, 'nats-server')).catch(() =>
      copyFile(join(scratch, 'root/usr/bin/nats-server'), join(folder, 'nats-server'))
    )
    return join(folder, 'nats-server')
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function aptOptions(scratch: string): string[] {
  const settings = {
    'Dir::Etc::SourceList': join(scratch, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(scratch, 'lists'),
    'Dir::Cache': join(scratch, 'cache'),
    'APT::Sandbox::User': 'root'
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}
