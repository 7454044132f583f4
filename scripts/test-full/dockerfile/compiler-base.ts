import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { writeBase } from '../../images/local-base.ts'
import { runTool } from '../../run-tool.ts'

/** What scripts of npm call besides Node. */
const PROGRAMS = ['/bin/sh', '/usr/bin/env']
/** What tools that are no JavaScript load besides what Node does: all of it is in every Debian. */
const LIBRARIES = /^lib(rt|util|resolv|nss_\w+|pthread|dl|m|gcc_s)\.so\.\d+$/

/**
 * Puts into a folder what stands in for `node:24-bookworm-slim` where nothing can be pulled: the local base, npm and a shell
 * of this machine. It holds less than that image does, so what compiles in it compiles there.
 */
export async function writeCompilerBase(folder: string): Promise<void> {
  await writeBase(folder)
  for (const program of PROGRAMS) {
    copy(realpathSync(program), join(folder, program))
    for (const [library] of (await runTool('ldd', [program])).matchAll(/\/lib\S*/g))
      if (!existsSync(join(folder, library))) copy(library, join(folder, library))
  }
  const libraries = dirname(await libcOf('/bin/sh'))
  for (const name of readdirSync(libraries).filter(file => LIBRARIES.test(file)))
    copy(join(libraries, name), join(folder, libraries, name))
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n', { mode: 0o644 })
  const npm = join((await runTool('npm', ['root', '--global'])).trim(), 'npm')
  cpSync(realpathSync(npm), join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true })
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true })
  mkdirSync(join(folder, 'root'))
  symlinkSync('/nodejs/bin/node', join(folder, 'usr/local/bin/node'))
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/local/bin', name))
}

/** The path of the C library that a program loads. */
async function libcOf(program: string): Promise<string> {
  const [path = '/lib/libc.so.6'] = /\/\S*libc\.so\S*/.exec(await runTool('ldd', [program])) ?? []
  return path
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}
