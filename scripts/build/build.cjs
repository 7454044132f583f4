// `pnpm build`: turbo builds what has changed, and a later `npm start` is told that nothing has since.
'use strict'
const { spawn } = require('node:child_process')
const { basename, dirname } = require('node:path')
const { forgetBuilt, outputs, setBuilt, sourceState } = require('./freshness.cjs')
const { partsSince } = require('./progress.cjs')

/** Turbo tells only how it ended, and a build from nothing takes minutes on a small machine. */
const TELL_MS = 5_000

// Before the build: a file that is written meanwhile is built next time.
const state = sourceState()
forgetBuilt()
const began = Date.now()
const folders = outputs()
console.log(
  `building ${folders.length} parts where they have changed; from nothing that takes a minute or two`
)
const telling = setInterval(() => {
  const done = partsSince(folders, began).map(folder => basename(dirname(folder)))
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`  ${seconds} s: ${done.length === 0 ? 'none is ready yet' : `ready: ${done.join(', ')}`}`)
}, TELL_MS)

const turbo = spawn('turbo', ['run', 'build', '//#build:scripts', ...process.argv.slice(2)], {
  stdio: 'inherit'
})
turbo.on('error', error => {
  clearInterval(telling)
  console.error(`turbo could not be run: ${error.message}`)
  process.exitCode = 1
})
turbo.on('exit', status => {
  clearInterval(telling)
  if (status === 0) setBuilt(state)
  process.exitCode = status ?? 1
})
