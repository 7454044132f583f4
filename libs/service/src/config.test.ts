import t from 'tap'
import { Type } from 'typebox'
import { commonSettings, helpOf, parseConfig } from './config.ts'

const spec = {
  service: 'example',
  summary: 'shows how settings are read',
  settings: Type.Object({
    ...commonSettings,
    RATE: Type.Number({ default: 2, minimum: 0, description: 'messages per second' })
  })
}

t.test('defaults fill what the environment leaves out, and text becomes numbers and booleans', async t => {
  const config = parseConfig(spec, { PORT: '8080', LOG_PRETTY: 'true' })
  t.match(config, { SITE: 'summit', PORT: 8080, LOG_PRETTY: true, RATE: 2 })
})

t.test('a bad setting is refused by name', async t => {
  for (const [name, value] of [
    ['PORT', '70000'],
    ['PORT', ''],
    ['PORT', '1.5'],
    ['LOG_PRETTY', 'yes'],
    ['LOG_LEVEL', 'loud'],
    ['RATE', 'fast'],
    ['SITE', 'a b']
  ] as const)
    t.throws(() => parseConfig(spec, { [name]: value }), { code: 'CFG_INVALID', message: new RegExp(name) })
})

t.test('a setting that takes a few values alone names them where it is wrong', async t => {
  t.throws(() => parseConfig(spec, { LOG_LEVEL: 'loud' }), {
    message: /: LOG_LEVEL must be one of trace, debug, info, warn, error$/
  })
})

t.test('--help shows each setting with its meaning and default', async t => {
  const help = helpOf(spec)
  for (const name of Object.keys(spec.settings.properties)) t.match(help, name)
  t.match(help, /RATE +messages per second \(default: 2\)/)
  t.match(help, /NAME .*default: the service and its process id\n/)
  for (const line of help.split('\n')) t.notMatch(line, /default:.*default:/, 'one default each')
})
