import { loadCatalogue } from '@meridian/catalogue'
import t from 'tap'
import { parseAssignment } from '../../assignment.ts'
import type { SharedTopic } from '../../stored/stored-samples.ts'
import { isWanted } from './wanted-topics.ts'

const catalogue = loadCatalogue()

const wanted = (produce: string, except = '') => {
  const assignment = parseAssignment(produce, except, () => new Map())
  const instances = [1, 2].map(index => ({ csc: 'MTHexapod', index }))
  return (csc: string, kind: SharedTopic['kind'], name: string): boolean =>
    isWanted({ csc, kind, name }, { assignment, catalogue, instances })
}

t.test('topics of which some instance is assigned are wanted', async t => {
  const mount = wanted('MTMount:0{only:azimuth|hb},ESS:999,ScriptQueue:2')
  t.equal(mount('MTMount', 'tel', 'azimuth'), true)
  t.equal(mount('MTMount', 'tel', 'elevation'), false)
  t.equal(mount('MTMount', 'hb', 'heartbeat'), true)
  t.equal(mount('ESS', 'tel', 'temperature'), true, 'an instance that no list of the site has')
  t.equal(mount('Script', 'evt', 'state'), true, 'a queue brings its scripts')
  t.equal(mount('MTHexapod', 'tel', 'application'), false)
})

t.test('the catch-all wants what is not wholly left to others', async t => {
  const rest = wanted('rest', 'MTM1M3,MTHexapod:1')
  t.equal(rest('MTM1M3', 'tel', 'forceActuatorData'), false)
  t.equal(rest('MTHexapod', 'tel', 'application'), true)
  t.equal(rest('Unheard', 'tel', 'of'), true)
  t.equal(wanted('rest', 'MTHexapod:*')('MTHexapod', 'evt', 'summaryState'), false)
})
