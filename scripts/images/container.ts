/** A container by runc, as a kubelet would start it: user 65532, no capability, a root that nobody can write to. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runTool } from '../run-tool.ts'
import type { OciImage } from './oci-layout.ts'

/** What a container is started from. */
export interface ContainerOptions {
  /** A new folder for what runc keeps of it. */
  readonly folder: string
  /** Its file system. */
  readonly rootFolder: string
  readonly image: OciImage
  /** Added to the image's own. */
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

/** How a container ended, and what it printed. */
export interface ContainerEnd {
  readonly code: number | null
  readonly printed: string
}

/** A container that was started. */
export interface Container {
  readonly ended: Promise<ContainerEnd>
  hasEnded(): boolean
  /** Ids of the processes that its first one has started and that still run. */
  children(): Promise<readonly number[]>
  /** SIGTERM to its first process. */
  terminate(): Promise<void>
  /** SIGKILL to all that is left of it. */
  kill(): Promise<void>
}

/** Starts a container on this machine's network. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  await writeSpec(options)
  const runc = ['--root', join(folder, 'state')]
  const id = `meridian-${process.pid}-${performance.now().toFixed(0)}`
  const child = spawn('runc', [...runc, 'run', '--bundle', folder, id], { stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    ended: endOf(child),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    children: async () => {
      const { pid } = JSON.parse(await runTool('runc', [...runc, 'state', id])) as { pid: number }
      return childrenOf(pid)
    },
    terminate: async () => void (await runTool('runc', [...runc, 'kill', id, 'TERM'])),
    kill: async () => void (await runTool('runc', [...runc, 'delete', '--force', id]))
  }
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<ContainerEnd> {
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, printed: `${out}${err}` }
}

/** Those that lost their parent are among them: the first process of a container inherits these. */
const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  )

interface RuntimeSpec {
  readonly process: object
  readonly mounts: readonly object[]
  readonly linux: { readonly namespaces: readonly { readonly type: string }[] }
}

const NO_CAPABILITIES = { bounding: [], effective: [], permitted: [], ambient: [], inheritable: [] }
const TMP = { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'size=64m'] }

/** Takes what `runc spec` gives, and sets what a pod of ours has. */
async function writeSpec({ folder, rootFolder, image, env, args }: ContainerOptions): Promise<void> {
  await runTool('runc', ['spec', '--bundle', folder])
  const file = join(folder, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8')) as RuntimeSpec
  const [uid, gid] = image.user.split(':').map(Number)
  const process = {
    ...spec.process,
    ...{ terminal: false, noNewPrivileges: true, capabilities: NO_CAPABILITIES, user: { uid, gid } },
    args: [...image.entrypoint, ...args],
    env: [...image.env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    cwd: image.workingDir
  }
  const linux = { ...spec.linux, namespaces: spec.linux.namespaces.filter(({ type }) => type !== 'network') }
  const root = { path: rootFolder, readonly: true }
  writeFileSync(file, JSON.stringify({ ...spec, process, root, mounts: [...spec.mounts, TMP], linux }))
}
