// `pnpm build`: turbo builds what has changed, and a later `npm start` is told that nothing has since.
'use strict'
const { spawnSync } = require('node:child_process')
const { forgetBuilt, setBuilt, sourceState } = require('./freshness.cjs')

// Before the build: a file that is written meanwhile is built next time.
const state = sourceState()
forgetBuilt()
const { status, error } = spawnSync('turbo', ['run', 'build', '//#build:scripts', ...process.argv.slice(2)], {
  stdio: 'inherit'
})
if (error !== undefined) console.error(`turbo could not be run: ${error.message}`)
if (status === 0) setBuilt(state)
process.exitCode = status ?? 1
