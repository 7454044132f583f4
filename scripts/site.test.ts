import { spawnSync } from 'node:child_process'
import { shippedSiteFile, shippedSites } from '@meridian/catalogue'
import { scriptCommand } from '@meridian/testing'
import t from 'tap'

function check(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...scriptCommand('site'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  return { status, stdout, stderr }
}

const fileOf = (name: string, text: string): string => `${t.testdir({ [name]: text })}/${name}`

t.test('the roles of a sound file are told with what they cover of the site', async t => {
  const roles = `roles:
  night: { read: ["*.*.MTMount.>", "evt.*.Watcher.>", "hb.>"], command: ["MTMount.stop*", "MTDome.*", "ATDome.*"], users: true }
  nobody: { read: [], command: [] }
`
  const file = fileOf('site.yaml', `name: hill\ninstances: { MTMount: [0], MTDome: [0] }\n${roles}`)
  const { status, stdout, stderr } = check('--check', file)
  t.equal(status, 0)
  t.match(stdout, /^hill: 2 instances of 2 components, 5 roles$/m)
  t.match(stdout, /^night +read +\*\.\*\.MTMount\.> +.*1 of 2 instances$/m)
  t.match(stdout, /^ +read +evt\.\*\.Watcher\.> +.*0 of 2 instances$/m)
  t.match(stdout, /^ +read +hb\.> +hb; all instances$/m)
  t.match(stdout, /^ +command +MTMount\.stop\* +\d+ commands of 1 component$/m)
  t.match(stdout, /^ +command +ATDome\.\* +NOTHING of this site/m)
  t.match(stdout, /^ +manage users/m)
  t.match(stdout, /^nobody +nothing/m)
  t.match(stdout, /^viewer +read +.*all instances$/m)
  t.equal(stderr, '')
})

t.test('of a role that reads no heartbeats is warned: the console cannot judge by it who is there', t => {
  const roles = `roles:
  plots: { read: ["tel.>"] }
  mount: { read: ["*.*.MTMount.>", "evt.hill.MTDome.>"] }
  clerk: { read: [], users: true }
`
  const file = fileOf('site.yaml', `name: hill\ninstances: { MTMount: [0], MTDome: [0] }\n${roles}`)
  const { status, stdout, stderr } = check('--check', file)
  t.equal(status, 0, 'it is no fault')
  t.match(stdout, /^plots +read/m)
  t.match(
    stderr,
    /^warning: role plots reads no heartbeats \(hb\.hill\.>\) of 2 of the 2 instances.*\nwarning: role mount .* of 1 of the 2 instances.*\n$/
  )
  t.end()
})

t.test('of a role that hears no producers is warned, and of one that commands and reads nothing', t => {
  const roles = `roles:
  mount: { read: ["*.*.MTMount.>"] }
  whole: { read: ["*.*.MTMount.>", "hb.*.Producer.*"] }
  blind: { read: [], command: ["MTMount.*"] }
`
  const file = fileOf('site.yaml', `name: hill\ninstances: { MTMount: [0] }\n${roles}`)
  const { status, stderr } = check('--check', file)
  t.equal(status, 0)
  t.match(
    stderr,
    /^warning: role mount reads no heartbeats of producers \(hb\.hill\.Producer\.\*\): .*\nwarning: role blind commands and reads nothing: .*\n$/
  )
  t.end()
})

t.test('every shipped site is sound', async t => {
  for (const name of shippedSites)
    t.match(check('--check', shippedSiteFile(name) ?? ''), { status: 0, stderr: '' }, name)
})

t.test('a file with faults ends with 1, each fault with code, file and line', async t => {
  const file = fileOf(
    'site.yaml',
    'name: hill\ninstances:\n  mtmount: [0]\nroles:\n  night: { read: ["evt..>"], command: [] }\n'
  )
  const { status, stderr } = check('--check', file)
  t.equal(status, 1)
  t.match(
    stderr,
    /^CAT_SITE_UNKNOWN: \/\S*site\.yaml:3: instances\.mtmount: [^\n]*\nCAT_SITE_INVALID: \/\S*site\.yaml:5: roles\.night\.read\.0: [^\n]*\n$/
  )
  t.match(check('--check', `${file}.not`), { status: 1, stderr: /^CAT_SITE_UNREADABLE/ })
  t.match(check(), { status: 2, stderr: /^RUN_BAD_OPTION/ })
})
