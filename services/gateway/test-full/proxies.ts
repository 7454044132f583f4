import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, waitFor } from '@meridian/testing'
import { envoyAddress, envoyArgs, envoyConfig, envoyHealthCheck } from './envoy.ts'

/** A proxy in front of gateways. */
export interface Proxy {
  readonly port: number
  stop(): void
}

/**
 * How a proxy is told what to do: its program, its configuration, and the arguments to run it in the
 * foreground.
 */
export interface ProxyKind {
  readonly name: string
  readonly program: string
  config(ports: ProxyPorts): string
  args(file: string, folder: string): readonly string[]
}

interface ProxyPorts {
  readonly listen: number
  readonly first: number
  readonly second: number
}

/** A proxy ends a connection on which nothing passes for so long; each gateway must ping more often. */
export const PROXY_IDLE_MS = 4000

const haproxy = (mode: 'http' | 'tcp'): ProxyKind => ({
  name: `HAProxy, mode ${mode}`,
  program: 'haproxy',
  config: ({ listen, first, second }) => `
defaults
  mode ${mode}
  timeout connect 2s
  timeout client ${PROXY_IDLE_MS}ms
  timeout server ${PROXY_IDLE_MS}ms
  timeout tunnel ${PROXY_IDLE_MS}ms
  retries 2
  option redispatch 1
frontend live
  bind 127.0.0.1:${listen}
  default_backend gateways
backend gateways
  server first 127.0.0.1:${first} check inter 200ms fall 1 rise 1
  server second 127.0.0.1:${second} check inter 200ms backup
`,
  args: file => ['-db', '-f', file]
})

const nginx: ProxyKind = {
  name: 'nginx',
  program: 'nginx',
  config: ({ listen, first, second }) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream gateways { server 127.0.0.1:${first}; server 127.0.0.1:${second} backup; }
  server {
    listen 127.0.0.1:${listen};
    location /live {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header Host $http_host;
      proxy_read_timeout ${PROXY_IDLE_MS}ms;
      proxy_next_upstream error;
    }
  }
}
`,
  args: (file, folder) => ['-p', folder, '-c', file]
}

const endpointOf = (port: number, priority: number): object => ({
  priority,
  lb_endpoints: [{ endpoint: { address: envoyAddress(port) } }]
})
const envoy: ProxyKind = {
  name: 'Envoy',
  program: 'envoy',
  config: ({ listen, first, second }) =>
    envoyConfig({
      listen,
      idleMs: PROXY_IDLE_MS,
      cluster: {
        health_checks: [envoyHealthCheck(1, { tcp_health_check: {} })],
        load_assignment: {
          cluster_name: 'gateways',
          endpoints: [endpointOf(first, 0), endpointOf(second, 1)]
        }
      }
    }),
  args: file => envoyArgs(file, 'warn')
}

/** Every proxy that a gateway must work behind. */
export const proxyKinds: readonly ProxyKind[] = [haproxy('http'), haproxy('tcp'), nginx, envoy]

const ENVOY_FOLDER = fileURLToPath(new URL('../../../node_modules/.cache/envoy/bin', import.meta.url))

/** The path of a proxy's program; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ENVOY_FOLDER]
  return folders.map(folder => join(folder, name)).find(path => existsSync(path))
}

/** Starts a proxy in front of two gateways; resolves when it accepts connections. */
export const startProxy = (kind: ProxyKind, first: number, second: number): Promise<Proxy> =>
  runProxy(kind, listen => kind.config({ listen, first, second }))

/** Starts a proxy with the configuration for the port that it gets; resolves when it accepts connections. */
export async function runProxy(
  kind: Pick<ProxyKind, 'name' | 'program' | 'args'>,
  configOf: (listen: number) => string
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-proxy-'))
  const listen = await freePort()
  const file = join(folder, kind.program === 'envoy' ? 'proxy.json' : 'proxy.conf')
  writeFileSync(file, configOf(listen))
  const child = spawn(findProgram(kind.program) ?? kind.program, [...kind.args(file, folder)])
  const stop = (): void => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', stop)
  const output = keepOutput(child)
  await waitFor(() => accepts(listen), { what: `${kind.name} to listen`, timeoutMs: 30_000 }).catch(cause => {
    stop()
    throw new Error(`${kind.name} did not start: ${output()}`, { cause })
  })
  return { port: listen, stop }
}

function keepOutput(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000)
    })
  child.once('error', error => {
    output += error.message
  })
  return () => output
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
