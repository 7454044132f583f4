// Whether packages are installed and processes are built, told by looking at files only: a second start needs neither pnpm nor turbo.
'use strict'
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} = require('node:fs')
const { dirname, join } = require('node:path')

const root = join(__dirname, '../..')
const stamp = join(root, 'node_modules/.cache/meridian/built')
/** A change of any of these makes the last build stale. */
const INPUTS = [
  'deploy/overlays',
  'libs',
  'proto',
  'scripts',
  'services',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'turbo.json'
]
/** Folders among them that a build writes, or never reads. */
const IGNORED = new Set(['node_modules', 'dist', 'generated', 'test', 'test-full', 'bench', '.turbo', '.tap'])

const read = path => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** pnpm keeps a copy of the lockfile that it has installed. */
function isInstalled() {
  const installed = read(join(root, 'node_modules/.pnpm/lock.yaml'))
  return installed !== undefined && installed === read(join(root, 'pnpm-lock.yaml'))
}

/** Changes when a file that a build reads is added, removed, renamed or written. */
function sourceState() {
  const lines = []
  const visit = path => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isDirectory() === true) {
      for (const name of readdirSync(path).sort()) if (!IGNORED.has(name)) visit(join(path, name))
    } else if (stats !== undefined && !path.endsWith('.test.ts')) {
      lines.push(`${path} ${stats.size} ${stats.mtimeMs}`)
    }
  }
  for (const input of INPUTS) visit(join(root, input))
  return lines.join('\n')
}

/** Folders that hold a build, the services' and that of scripts/. */
function outputs() {
  const services = readdirSync(join(root, 'services')).map(name => join(root, 'services', name))
  const built = services.filter(folder => existsSync(join(folder, 'package.json')))
  return [...built, join(root, 'scripts')].map(folder => join(folder, 'dist'))
}

/** Whether the last build ended well, is still there, and read the files as they are now. */
const isBuilt = () => outputs().every(existsSync) && read(stamp) === sourceState()

/** Remembers that the build of this state of the sources ended well. */
function setBuilt(state) {
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, state)
}

const forgetBuilt = () => rmSync(stamp, { force: true })

module.exports = { root, isInstalled, isBuilt, outputs, sourceState, setBuilt, forgetBuilt }
