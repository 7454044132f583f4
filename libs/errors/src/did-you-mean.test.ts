import t from 'tap'
import { didYouMean, nearestName } from './did-you-mean.ts'

const names = ['MTMount', 'MTDome', 'azimuth', 'azimuthDrives', 'ESS', 'EAS']

t.test('a name is guessed from its case, and from one or two wrong letters', async t => {
  for (const [name, wanted] of [
    ['mtmount', 'MTMount'],
    ['MTMuont', 'MTMount'],
    ['azimut', 'azimuth'],
    ['azimuths', 'azimuth'],
    ['azimuthDrvies', 'azimuthDrives'],
    ['ess', 'ESS']
  ] as const)
    t.equal(nearestName(name, names), wanted, name)
})

t.test('what is nothing like it is not guessed, short names least of all', async t => {
  for (const name of ['Greenhouse', 'MTHexapod', 'EXS', 'ABC', '', 'elevation'])
    t.equal(nearestName(name, names), undefined, name)
  t.equal(didYouMean('Greenhouse', names), '')
  t.equal(didYouMean('mtdome', names), "; did you mean 'MTDome'?")
})
