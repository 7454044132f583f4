#!/usr/bin/env node
// Prints one message of ours, read from standard input, as JSON:
//   nats sub 'tel.summit.MTMount.0.azimuth' --translate 'node scripts/decode.mjs --subject {{Subject}}'
// The tool starts it once per message, so it is plain JavaScript on the bundled library and imports nothing else. For many messages use
// `pnpm tail`.
import { readFileSync } from 'node:fs'

const at = process.argv.indexOf('--subject')
const subject = at < 0 ? '' : (process.argv[at + 1] ?? '')
const library = new URL('dist/sample.js', import.meta.url)

if (process.argv.includes('--help')) {
  process.stdout.write(
    'decode: prints a message from standard input as JSON; --subject S says where it was published\n'
  )
  process.exit(0)
}
try {
  const { messageToJson } = await import(library)
  process.stdout.write(`${messageToJson(subject, readFileSync(0))}\n`)
} catch (error) {
  const isBuilt = error.code !== 'ERR_MODULE_NOT_FOUND'
  process.stderr.write(
    isBuilt ? `${error.message}\n` : 'decode: the libraries are not built yet: run pnpm build\n'
  )
  process.exitCode = 1
}
