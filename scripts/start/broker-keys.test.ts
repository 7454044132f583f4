import { X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyOf } from '@meridian/broker'
import { processKinds } from '@meridian/subjects'
import t from 'tap'
import { connectionOf } from '../tail/broker-of.ts'
import { ensureBrokerKeys, writeNatsContext } from './broker-keys.ts'
import { seedFileOf } from './key-files.ts'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

t.test('keys are made once, and their owner alone may read them', async t => {
  const data = t.testdir()
  const { folder, conf } = ensureBrokerKeys(data, 'hill')
  writeNatsContext(folder, 'tls://127.0.0.1:4222')
  t.equal(modeOf(folder), '700')
  const secret = [
    ...processKinds.map(kind => `${kind}.seed`),
    'ca.key',
    'broker.key',
    'observer.json',
    'admin.word'
  ]
  for (const name of secret) t.equal(modeOf(join(folder, name)), '600', name)
  for (const kind of processKinds) {
    const seed = readFileSync(seedFileOf(folder, kind), 'utf8').trim()
    t.match(conf, `nkey: ${publicKeyOf(seed)}`)
    t.notMatch(conf, seed)
  }

  const { changeWord = '' } = connectionOf({ url: '', keys: folder }, 'admin')
  t.match(changeWord, /^[\w-]{32}$/)
  t.match(conf, `"$JS.API.${changeWord}.STREAM.UPDATE.TEL"`)
  t.notMatch(connectionOf({ url: '', keys: folder }, 'observer'), { changeWord })

  chmodSync(seedFileOf(folder, 'api'), 0o644)
  t.equal(ensureBrokerKeys(data, 'hill').conf, conf, 'another start finds them')
  t.equal(modeOf(seedFileOf(folder, 'api')), '600', 'and takes the right to read from others')
  rmSync(seedFileOf(folder, 'api'))
  t.not(ensureBrokerKeys(data, 'hill').conf, conf, 'one that was removed is replaced by another')
})

t.test("the broker's certificate is new at each start, for this machine, of a CA that stays", async t => {
  const data = t.testdir()
  const read = (): readonly X509Certificate[] => {
    const { folder } = ensureBrokerKeys(data, 'hill')
    return ['ca.crt', 'broker.crt'].map(name => new X509Certificate(readFileSync(join(folder, name))))
  }
  const [ca, first] = read() as [X509Certificate, X509Certificate]
  const [sameCa, second] = read() as [X509Certificate, X509Certificate]
  t.equal(sameCa.fingerprint256, ca.fingerprint256)
  t.not(second.serialNumber, first.serialNumber)
  t.ok(ca.ca)
  t.notOk(second.ca)
  t.ok(second.checkIssued(ca))
  t.ok(second.verify(ca.publicKey))
  for (const address of ['127.0.0.1', '::1']) t.equal(second.checkIP(address), address)
  t.equal(second.checkHost('localhost'), 'localhost')
  t.equal(second.checkHost('example.org'), undefined)
  t.ok(Date.parse(second.validTo) > Date.now() + 300 * 86_400_000)
})

t.test('a file that holds no seed ends the start, which names it and nothing of what is in it', async t => {
  const data = t.testdir()
  const { folder } = ensureBrokerKeys(data, 'hill')
  writeFileSync(seedFileOf(folder, 'api'), 'SECRET')
  try {
    ensureBrokerKeys(data, 'hill')
    t.fail('not refused')
  } catch (error) {
    t.match(error, { code: 'RUN_BAD_FOLDER', message: /api\.seed holds no seed/ })
    t.notMatch(String(error), 'SECRET')
  }
})
