import { createNkey } from '@meridian/broker'
import { processKinds, splitPattern, streamNames } from '@meridian/subjects'
import t from 'tap'
import { natsConfOf } from './nats-conf.ts'
import { permissionsOf } from './permissions.ts'

const { publicKey, seed } = createNkey()

t.test('the file has an account of the site, a line for each user and nothing secret', async t => {
  const system = createNkey()
  const text = natsConfOf({
    site: 'summit',
    users: [{ kind: 'simulator', publicKey }],
    systemKey: system.publicKey,
    tls: { certFile: '/data/tls/broker.crt', keyFile: '/data/tls/broker.key' }
  })
  const mappings = / {4}# What the table[^\n]*\n {4}mappings \{([^}]*)\}\n/
  t.match(mappings.exec(text)?.[1], /"\$JS\.API\.STREAM\.DELETE\.\*": "refused"/)
  t.notMatch(mappings.exec(text)?.[1], /\.(INFO|CONSUMER\.CREATE|PURGE\.(TEL|EVT))/)
  t.equal(
    text.replace(mappings, ''),
    `# Generated from the table of rights in libs/auth; changes are lost.
accounts {
  "summit" {
    jetstream: enabled
    users: [
      # simulator
      { nkey: ${publicKey}, permissions {
        publish { allow: [
          "raw.summit.>"
          "_INBOX_cmdr.exec.summit.*"
          "_INBOX_observer.>"
        ] }
        subscribe { allow: [
          "exec.summit.>"
          "$SRV.PING"
          "$SRV.PING.simulator"
          "$SRV.PING.simulator.*"
          "$SRV.INFO"
          "$SRV.INFO.simulator"
          "$SRV.INFO.simulator.*"
          "$SRV.STATS"
          "$SRV.STATS.simulator"
          "$SRV.STATS.simulator.*"
        ] }
      } }
    ]
  }
  SYS {
    users: [
    { nkey: ${system.publicKey} }
  ]
  }
}
system_account: SYS
tls {
  cert_file: "/data/tls/broker.crt"
  key_file: "/data/tls/broker.key"
  handshake_first: true
}
`
  )
  t.notMatch(natsConfOf({ site: 'summit', users: [] }), /tls/)
})

t.test('devices have an account of their own, from which raw alone goes to the site', async t => {
  const passwordHash = `$2a$11$${'a'.repeat(53)}`
  const users = [
    { kind: 'admin', publicKey },
    { kind: 'producer', publicKey: createNkey().publicKey }
  ] as const
  const devices = { devices: [{ name: 'dome', passwordHash }, { name: 'mast' }], servers: 3 }
  const text = natsConfOf({ site: 'summit', users, devices })
  const [, site = '', own = ''] =
    /\n {2}"summit" \{([\s\S]*)\n {2}DEVICES \{([\s\S]*)\n {2}SYS \{/.exec(text) ?? []
  t.match(site, '{ stream: { account: DEVICES, subject: "raw.summit.>" } }')
  t.match(own, '{ stream: "raw.summit.>", accounts: ["summit"] }')
  t.match(own, 'jetstream { max_mem: 0, max_file: 192MiB, max_streams: 8, max_consumers: 64 }')
  t.same(own.match(/user: "\w+"/g), ['user: "dome"', 'user: "mast"'])
  t.notMatch(site, 'user:')
  t.notMatch(own, /imports|nkey/)
  const asked = '"$JS.DEVICES.API.STREAM.UPDATE.$MQTT_rmsgs"\n'
  t.equal(site.split(asked).length, 2, 'the admin alone')
  t.ok(site.indexOf(asked) < site.indexOf('# producer'))
  for (const name of ['SYS', 'DEVICES']) t.throws(() => natsConfOf({ site: name, users: [] }), TypeError)
})

t.test(
  'a seed in the place of a public key, or a site that is no token, never gets into the file',
  async t => {
    t.throws(() => natsConfOf({ site: 'summit', users: [{ kind: 'api', publicKey: seed }] }), TypeError)
    t.throws(() => natsConfOf({ site: 'summit', users: [], systemKey: seed }), TypeError)
    t.throws(() => natsConfOf({ site: 'a.>', users: [{ kind: 'api', publicKey }] }), {
      code: 'WIR_BAD_SUBJECT'
    })
  }
)

t.test(
  'a word of the admin that could be guessed, or could end its line, never gets into the file',
  async t => {
    const good = 'w'.repeat(32)
    const text = natsConfOf({ site: 'summit', users: [], changeWord: good })
    t.match(text, `"$JS.API.${good}.>": "$JS.API.>"`)
    for (const changeWord of [
      '',
      'short',
      `${good}.>`,
      `${good} `,
      `${good}"\n}`,
      `*${good}`,
      'w'.repeat(129)
    ])
      t.throws(() => natsConfOf({ site: 'summit', users: [], changeWord }), TypeError, changeWord)
  }
)

t.test('nobody has a right on another site, on all streams, or on the inboxes of all', async t => {
  for (const kind of processKinds) {
    const { publish, subscribe } = permissionsOf(kind, 'hill')
    for (const subject of [...publish, ...subscribe]) {
      const { tokens } = splitPattern(subject)
      const what = `${kind}: ${subject}`
      t.notMatch(tokens[0], /[*>]/, what)
      if (!/^(\$|_INBOX_)/.test(subject)) t.ok(tokens.includes('hill'), what)
      if (subject.startsWith('$JS.') && !/STREAM\.(LIST|NAMES)$/.test(subject))
        t.ok(
          tokens.some(token => streamNames.some(name => name === token) || token.startsWith('KV_')),
          what
        )
    }
  }
})

t.test('only the one who makes streams changes them, takes them whole or deletes one', async t => {
  const whole = /STREAM\.(DELETE|RESTORE|SNAPSHOT)|JS\.SNAPSHOT/
  const word = 'w'.repeat(40)
  t.match(permissionsOf('admin', 'hill', word).publish.join('\n'), whole)
  const all = processKinds.map(kind => ({ kind, word: undefined }))
  for (const { kind, word: known } of [...all, { kind: 'admin' as const, word }]) {
    const text = permissionsOf(kind, 'hill', known).publish.join('\n')
    if (kind !== 'admin') t.notMatch(text, /STREAM\.(CREATE|UPDATE|PURGE)/, kind)
    if (known === undefined) t.notMatch(text, whole, kind)
    t.notMatch(text, /STREAM\.MSG\.DELETE/, kind)
    // What lets people in for a while is in no backup.
    t.notMatch(text, /(STREAM\.DELETE|RESTORE|SNAPSHOT).*\.KV_auth_(sessions|keys|revoked)/, kind)
    // Whoever asks for a consumer of a queue of work takes the work of others.
    t.notMatch(text, /CONSUMER\..*\.JOBS/, kind)
    if (kind === 'observer') t.notMatch(text, /CONSUMER\..*\.COMMANDS/, 'nor from commanders')
  }
})
