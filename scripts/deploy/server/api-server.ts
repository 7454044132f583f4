import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort, waitFor } from '@meridian/testing'
import type { ServerPrograms } from './programs.ts'

/** What kubectl printed, and how it ended. */
export interface Said {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** A Kubernetes of etcd and kube-apiserver on loopback: it judges objects and runs nothing. */
export interface ApiServer {
  /** Runs kubectl as an administrator; `input` is its standard input. */
  kubectl(args: readonly string[], input?: string): Promise<Said>
  stop(): Promise<void>
}

const READY_MS = 120_000
const KUBECTL_MS = 180_000
const STOP_MS = 10_000

/** Starts one; it forgets everything when it is stopped. Throws where it is not ready within two minutes. */
export async function startApiServer(programs: ServerPrograms): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-kubernetes-'))
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const store = await freePort()
    children.push(run(programs.etcd, etcdFlags(folder, store, await freePort()), folder))
    const access = { port: await freePort(), token: randomBytes(24).toString('hex') }
    children.push(run(programs.apiServer, apiFlags(folder, store, access), folder))
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfigOf(folder, access)), { mode: 0o600 })
    const kubectl = (args: readonly string[], input = ''): Promise<Said> =>
      say(programs.kubectl, ['--kubeconfig', join(folder, 'kubeconfig'), ...args], input)
    const isReady = async (): Promise<boolean> => (await kubectl(['get', '--raw', '/readyz'])).code === 0
    await waitFor(isReady, { what: 'kube-apiserver', timeoutMs: READY_MS, everyMs: 500 })
    return { kubectl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function etcdFlags(folder: string, port: number, peerPort: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
  return [
    ...['--data-dir', join(folder, 'etcd'), '--log-level', 'error', '--unsafe-no-fsync'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`]
  ]
}

interface Access {
  readonly port: number
  readonly token: string
}

function apiFlags(folder: string, store: number, { port, token }: Access): string[] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = join(folder, 'accounts.pem')
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  return [
    `--etcd-servers=http://127.0.0.1:${store}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(folder, 'certs')}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key}`],
    ...[`--service-account-signing-key-file=${key}`, `--token-auth-file=${tokens}`],
    ...['--authorization-mode=RBAC', '--service-cluster-ip-range=10.96.0.0/16'],
    // No controller makes the accounts and their tokens that this one waits for.
    '--disable-admission-plugins=ServiceAccount'
  ]
}

const kubeconfigOf = (folder: string, { port, token }: Access): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'it',
  contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  clusters: [
    {
      name: 'it',
      cluster: {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority': join(folder, 'certs/apiserver.crt')
      }
    }
  ],
  users: [{ name: 'it', user: { token } }]
})

/** With its output nowhere: what is wrong is seen in what kubectl says. */
const run = (program: string, flags: readonly string[], cwd: string): ChildProcess =>
  spawn(program, flags, { cwd, stdio: 'ignore' })

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

async function say(program: string, args: readonly string[], input: string): Promise<Said> {
  const child = spawn(program, args, { stdio: 'pipe', timeout: KUBECTL_MS })
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>
  ])
  return { code, output, errors }
}
