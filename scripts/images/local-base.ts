import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runTool } from '../run-tool.ts'
import { obtainNode24 } from './node24.ts'

/** Where Debian and its kin keep the certificates of public authorities. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Puts the files of a base into a new folder, laid out as distroless images are: Node 24, the libraries that it needs,
 * certificates, and no shell. It has no tini: our services start no other process.
 */
export async function writeBase(folder: string): Promise<void> {
  for (const empty of ['dev', 'etc', 'proc', 'sys', 'tmp'])
    mkdirSync(join(folder, empty), { recursive: true })
  chmodSync(join(folder, 'tmp'), 0o1777)
  const node = await obtainNode24()
  copy(node, join(folder, 'nodejs/bin/node'))
  for (const library of await librariesOf(node)) copy(library, join(folder, library))
  if (existsSync(CERTIFICATES)) copy(CERTIFICATES, join(folder, CERTIFICATES))
  writeFileSync(join(folder, 'etc/passwd'), 'nonroot:x:65532:65532:nonroot:/:/nologin\n', { mode: 0o644 })
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

async function librariesOf(program: string): Promise<readonly string[]> {
  const said = await runTool('ldd', [program])
  return [...said.matchAll(/\/lib\S*/g)].map(([path]) => path)
}
