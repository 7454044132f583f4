import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../run-tool.ts'
import { PINNED } from './version.ts'

const CONNECT_MS = 4000
const DOWNLOAD_MS = 120_000
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Where releases are published; another place (a mirror) by NATS_RELEASE_URL. */
const baseUrl = (): string =>
  process.env['NATS_RELEASE_URL'] ?? `https://github.com/nats-io/nats-server/releases/download/v${PINNED}`

/**
 * Downloads the pinned release into `folder` and returns the binary's path. The archive must have the SHA-256
 * that the release's own list gives; a wrong one is deleted and is an error, as is a page that does not
 * answer in four seconds.
 */
export async function downloadRelease(folder: string): Promise<string> {
  const name = releaseName()
  const sums = await fetchText(`${baseUrl()}/SHA256SUMS`)
  const expected = sums
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(([, file]) => file === `${name}.tar.gz`)?.[0]
  if (expected === undefined) throw new Error(`the release's list of checksums does not name ${name}.tar.gz`)
  const archive = await fetchBytes(`${baseUrl()}/${name}.tar.gz`)
  const actual = createHash('sha256').update(archive).digest('hex')
  if (actual !== expected)
    throw new Error(
      `the download has SHA-256 ${actual.slice(0, 12)}…, the release says ${expected.slice(0, 12)}…; it was thrown away`
    )
  return unpack(folder, name, archive)
}

function releaseName(): string {
  const arch = ARCHITECTURES[process.arch]
  if (arch === undefined || (process.platform !== 'linux' && process.platform !== 'darwin'))
    throw new Error(`no release for ${process.platform} on ${process.arch}`)
  return `nats-server-v${PINNED}-${process.platform}-${arch}`
}

async function unpack(folder: string, name: string, archive: Uint8Array): Promise<string> {
  const scratch = join(folder, `.download-${process.pid}`)
  await mkdir(scratch, { recursive: true })
  try {
    await writeFile(join(scratch, 'release.tar.gz'), archive)
    await runTool('tar', ['-xzf', join(scratch, 'release.tar.gz'), '-C', scratch], { timeoutMs: 30_000 })
    const target = join(folder, 'nats-server')
    await rename(join(scratch, name, 'nats-server'), target)
    return target
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const fetchText = async (url: string): Promise<string> => (await get(url, CONNECT_MS)).text()
const fetchBytes = async (url: string): Promise<Uint8Array> =>
  new Uint8Array(await (await get(url, DOWNLOAD_MS)).arrayBuffer())

async function get(url: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
    throw new Error('the release page cannot be reached', { cause })
  })
  if (!response.ok) throw new Error(`the release page answered ${response.status}`)
  return response
}
