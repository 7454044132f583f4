import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNkey } from '@meridian/broker'
import { loadCatalogue, loadSite, readSite } from '@meridian/catalogue'
import t from 'tap'
import { generate, type Outcome } from './generate.ts'
import { overlaysFolder } from './overlays.ts'
import { HILL, overlaysOf } from './test-overlays.ts'

const catalogue = loadCatalogue()

/** Text of each file below a folder. */
function contentOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')] as const
    })
  )
}

/** Paths that differ, each with the lines that only the second text has. */
function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return Object.fromEntries(
    paths
      .filter(path => before.get(path) !== after.get(path))
      .map(path => {
        const known = new Set(before.get(path)?.split('\n'))
        return [
          path,
          after
            .get(path)
            ?.split('\n')
            .filter(line => !known.has(line))
        ]
      })
  )
}

t.test('what is committed of every overlay is what its site file says', t => {
  t.same(generate(overlaysFolder, [], { check: true }), { lines: [], isGood: true })
  t.end()
})

t.test('one component more at the summit is one folder more, and a line in three files', t => {
  const overlays = t.testdir()
  cpSync(join(overlaysFolder, 'rubin.yaml'), join(overlays, 'rubin.yaml'))
  mkdirSync(join(overlays, 'summit'))
  const file = join(overlays, 'summit/site.yaml')
  const text = readFileSync(join(overlaysFolder, 'summit/site.yaml'), 'utf8')
  writeFileSync(file, text)
  generate(overlays, [])
  const before = contentOf(join(overlays, 'summit/generated'))
  writeFileSync(file, text.replace('      302,\n', '      302,\n      312,\n'))
  generate(overlays, [])
  const { 'producers/ess-312/kustomization.yaml': added = [], ...others } = changes(
    before,
    contentOf(join(overlays, 'summit/generated'))
  )
  t.ok(added.some(line => line.includes('PRODUCE=ESS:312')))
  t.same(others, {
    'kustomization.yaml': ['  - producers/ess-312'],
    'producers/rest/kustomization.yaml': ['        ESS:312,'],
    'site.yaml': ['    - 312']
  })
  t.end()
})

t.test(
  'what is generated twice has the same bytes; a change by hand, a missing and a foreign file are told',
  t => {
    const overlays = overlaysOf(t)
    t.match(generate(overlays, ['hill']).lines, [/8 files, 8 changed$/])
    t.match(generate(overlays, ['hill']).lines, [/nothing changes$/])
    t.same(generate(overlays, [], { check: true }), { lines: [], isGood: true })
    const generated = join(overlays, 'hill/generated')
    writeFileSync(join(generated, 'site.yaml'), 'name: dale\n')
    writeFileSync(join(generated, 'notes.txt'), '')
    rmSync(join(generated, 'producers/ess-1/kustomization.yaml'))
    const { lines, isGood } = generate(overlays, [], { check: true })
    t.equal(isGood, false)
    t.match(lines, [
      /^RUN_DRIFT: .*generated\/notes\.txt is left over$/,
      /^RUN_DRIFT: .*generated\/producers\/ess-1\/kustomization\.yaml is missing$/,
      /^RUN_DRIFT: .*generated\/site\.yaml differs$/
    ])
    t.equal(readFileSync(join(generated, 'site.yaml'), 'utf8'), 'name: dale\n', 'nothing is written')
    generate(overlays, [])
    t.same(generate(overlays, [], { check: true }).lines, [])
    t.notOk(existsSync(join(generated, 'notes.txt')))
    t.same(
      readdirSync(join(overlays, 'hill')).sort(),
      ['generated', 'site.yaml'],
      'and nothing is left beside'
    )
    t.end()
  }
)

t.test('faults of all files are told, a line each, and nothing is written of any', t => {
  const overlays = overlaysOf(t, {
    hill: HILL,
    dale: `name: vale
instances:
  ESS: [1, 1]
  MTMuont: [0]
  Dome_Of_The_Very_Long_Name_Of_The_Southern_House: [1234567]
  Rest: [0]
  rest: [0]
  Under_: [0]
components:
  Dome_Of_The_Very_Long_Name_Of_The_Southern_House: {}
  Rest: {}
  rest: {}
  Under_: {}
deploy:
  nkeys: { gateway: ${'U'.padEnd(56, 'A')}, api: UA }
`,
    heath: `name: heath
instances: { MTMount: [0] }
parts:
  MTMount:0:
    - { name: one, telemetry: [azimuth] }
    - { name: two, telemetry: [azimuth] }
deploy: { host: heath.example.org }
`
  })
  const { lines, isGood } = generate(overlays, [])
  t.equal(isGood, false)
  t.same(
    lines.map(line => line.replace(`${overlays}/`, '')).sort(),
    [
      'CAT_SITE_DUPLICATE: dale/site.yaml:3: instances.ESS: index 1 twice',
      "CAT_SITE_DUPLICATE: dale/site.yaml:6: instances.Rest: 'rest' is the producer of all that has none of its own",
      "CAT_SITE_DUPLICATE: dale/site.yaml:7: instances.rest: 'rest' is the producer of all that has none of its own",
      'CAT_SITE_INVALID: dale/site.yaml:15: deploy.host: is missing: an overlay needs the name under which browsers open it',
      'CAT_SITE_INVALID: dale/site.yaml:15: deploy.nkeys.api: must be the public nkey of a user, U and 55 capital letters or digits from 2 to 7',
      'CAT_SITE_INVALID: dale/site.yaml:15: deploy.nkeys.gateway: is no public nkey: its checksum is wrong',
      "CAT_SITE_INVALID: dale/site.yaml:5: instances.Dome_Of_The_Very_Long_Name_Of_The_Southern_House: its producer 'dome-of-the-very-long-name-of-the-southern-house-1234567' has 56 letters, more than 50",
      "CAT_SITE_INVALID: dale/site.yaml:8: instances.Under_: its producer cannot be called 'under-': the ends are letters or digits",
      "CAT_SITE_NAME: dale/site.yaml:1: name: 'vale' stands in the folder 'dale'; both have one name",
      "CAT_SITE_SPLIT: heath/site.yaml:5: parts.MTMount:0: telemetry topic 'azimuth' is in more than one part",
      "CAT_SITE_UNKNOWN: dale/site.yaml:4: instances.MTMuont: no component 'MTMuont'; did you mean 'MTMount'?"
    ].sort()
  )
  for (const name of ['hill', 'dale', 'heath'])
    t.same(readdirSync(join(overlays, name)), ['site.yaml'], `${name} has no folder more`)
  t.throws(() => generate(overlays, ['hil']), {
    code: 'RUN_BAD_OPTION',
    message: /hil\/site\.yaml is not there/
  })
  t.end()
})

t.test('a key is known by its checksum, and is of one kind of process', t => {
  const { publicKey } = createNkey()
  const text = (nkeys: string): string => HILL.replace('deploy: {', `deploy: { nkeys: { ${nkeys} },`)
  t.equal(generate(overlaysOf(t, { hill: text(`api: ${publicKey}`) }), []).isGood, true)
  const twice = generate(overlaysOf(t, { hill: text(`api: ${publicKey}, gateway: ${publicKey}`) }), [])
  t.match(twice.lines, [/^CAT_SITE_DUPLICATE: .*deploy\.nkeys\.gateway: is the key of another kind/])
  t.end()
})

t.test('less room for streams is told with what it asks for, more is not', t => {
  const textOf = (storage: string): string =>
    HILL.replace('deploy: {', `deploy: { nats: { storage: ${storage} },`)
  const overlays = overlaysOf(t, { hill: textOf('64Gi') })
  const told = (storage: string): string => {
    writeFileSync(join(overlays, 'hill/site.yaml'), textOf(storage))
    return generate(overlays, []).lines.join('\n')
  }
  t.notMatch(told('64Gi'), 'warning')
  t.match(
    told('48Gi'),
    /warning: streams may take 36864 MiB instead of 49152: .* until its servers are restarted/
  )
  t.notMatch(told('48Gi'), 'warning', 'once')
  t.notMatch(told('128Gi'), 'warning')
  t.end()
})

t.test('devices have certificates, all of them and over TLS, or passwords', t => {
  const hash = `$2a$11$${'a'.repeat(53)}`
  const told = (nats: string): Outcome =>
    generate(overlaysOf(t, { hill: HILL.replace('deploy: {', `deploy: { nats: { ${nats} },`) }), [])
  t.equal(told('tls: true, devices: { dome: certificate, mast: certificate }').isGood, true)
  t.equal(told(`devices: { dome: "${hash}" }`).isGood, true)
  t.match(told(`tls: true, devices: { dome: certificate, mast: "${hash}" }`).lines, [
    /^CAT_SITE_INVALID: .*deploy\.nats\.devices\.mast: has a password, and others certificates: the broker asks/
  ])
  t.match(told('devices: { dome: certificate }').lines, [
    /^CAT_SITE_INVALID: .*deploy\.nats\.devices: have certificates, and the broker speaks no TLS/
  ])
  t.match(told('tls: true, devices: { dome: secret }').lines, [
    /deploy\.nats\.devices\.dome: must be 'certificate', or bcrypt of a password/
  ])
  t.end()
})

t.test('one server whose disk has no room for the streams of devices is refused', t => {
  const { publicKey } = createNkey()
  const hash = `$2a$11$${'a'.repeat(53)}`
  const told = (storage: string): Outcome => {
    const nats = `nats: { servers: 1, storage: ${storage}, devices: { dome: "${hash}" } }`
    const text = HILL.replace('deploy: {', `deploy: { nkeys: { gateway: ${publicKey} }, ${nats},`)
    return generate(overlaysOf(t, { hill: text }), [])
  }
  t.equal(told('4Gi').isGood, true)
  t.match(told('2Gi').lines, [
    /^CAT_SITE_INVALID: .*deploy\.nats\.storage: its streams and devices ask for \d+ MiB, .*, or its one server may not start$/
  ])
  t.end()
})

t.test('what a process left that was killed goes with the next run, that of one that runs stays', t => {
  const overlays = overlaysOf(t)
  const dead = spawnSync(process.execPath, ['--version']).pid
  const left = [
    `hill/generated.${dead}.new`,
    `hill/site.yaml.${dead}.draft`,
    `dale.${dead}.old`,
    `.dale.${dead}.draft`
  ]
  const kept = [`hill/generated.${process.ppid}.new`, `dale.${process.ppid}.new`]
  for (const folder of [...left, ...kept]) mkdirSync(join(overlays, folder))
  writeFileSync(join(overlays, kept[1] ?? '', 'site.yaml'), 'not yet whole')
  const there = () => [...left, ...kept].filter(path => existsSync(join(overlays, path)))
  t.equal(generate(overlays, [], { check: true }).isGood, false)
  t.same(there(), [...left, ...kept], 'a check writes nothing')
  t.equal(generate(overlays, []).isGood, true)
  t.same(there(), kept)
  t.end()
})

t.test('a place that reads another site has that site’s list, and no producer', t => {
  const overlays = overlaysOf(t, {
    hill: HILL,
    far: 'extends: ../hill/site.yaml\ndeploy: { host: far.example.org, brokerSite: far, gateways: { min: 4, max: 9 } }\n'
  })
  t.equal(generate(overlays, []).isGood, true)
  const files = contentOf(join(overlays, 'far/generated'))
  t.same([...files.keys()].sort(), ['kustomization.yaml', 'nats/nats.conf', 'site.yaml'])
  t.match(files.get('kustomization.yaml'), /- SITE=hill\n +- BROKER_SITE=far\n/)
  t.match(files.get('kustomization.yaml'), /- OPEN_ROLE=viewer\n/)
  t.match(files.get('kustomization.yaml'), /- GATEWAYS_MIN=4\n +- GATEWAYS_MAX=9\n/)
  t.end()
})

t.test('what services read stands alone, and has neither sizes nor profiles', t => {
  const { name, parts, instances } = loadSite('summit', catalogue)
  const file = join(overlaysFolder, 'summit/generated/site.yaml')
  const served = readSite(file, catalogue)
  t.same({ name: served.name, instances: served.instances }, { name, instances })
  t.same([...served.parts], [...parts])
  t.notMatch(readFileSync(file, 'utf8'), /^(?:extends|deploy|profiles):/m)
  t.end()
})
