import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { catalogueOf, loadCatalogue, shippedFacts } from '../index.ts'
import { differencesOf, formatFacts, importInterfaces } from './index.ts'

const shared = fileURLToPath(new URL('../../../../../shared/data', import.meta.url))
const interfaces = process.env['MERIDIAN_SAL_DIR'] ?? shared

const skip = existsSync(join(interfaces, 'sal_interfaces'))
  ? false
  : `no interface files at ${interfaces}: set MERIDIAN_SAL_DIR to a directory that has sal_interfaces`

t.test(
  'the interface files of SAL give the shipped facts, byte for byte',
  { skip, timeout: 600_000 },
  async t => {
    const { facts, problems } = importInterfaces(interfaces, { version: loadCatalogue().version })
    t.same(problems, [])
    t.same(differencesOf(loadCatalogue(), catalogueOf(facts)), [])
    t.ok(formatFacts(facts) === readFileSync(shippedFacts, 'utf8'), 'equal bytes')
  }
)
