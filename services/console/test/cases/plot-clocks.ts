import { waitForInk } from '../harness/plot-ink.ts'
import { nowTai, type PlotCase, part } from '../harness/plot-pages.ts'

/** Plots of sources whose clocks are off. */
export const clockCases: readonly PlotCase[] = [
  [
    'one stamp an hour ahead is set aside and said, and the line goes on',
    async (t, { door, sayFor, plotOf }) => {
      const subject = 'tel.summit.Ahead.0.w'
      sayFor(subject, { v: 3 }, [50, 40])
      const page = await plotOf(t, 'Ahead:0', ['v'])
      door.observatory.say(subject, { v: 4 }, { time: nowTai() + 3600, uncatalogued: true })
      await page
        .locator('.legend-notes', { hasText: '1 sample set aside: its stamp is 3,600 s ahead' })
        .waitFor()
      sayFor(subject, { v: 3 }, [12, 2])
      await waitForInk(page, part(10, 4), true)
      const late = nowTai() - 25
      for (let i = 0; i < 20; i++)
        door.observatory.say(
          subject,
          { v: 3 },
          { time: late + i / 5, received: late + i / 5 + 3, uncatalogued: true }
        )
      await waitForInk(page, part(24, 22), true)
      t.pass('late samples stand in their place')
      await page.reload()
      await page.locator('.legend-notes', { hasText: '1 sample set aside' }).waitFor()
      await waitForInk(page, part(24, 22), true)
    }
  ],
  [
    'a last value that was stamped an hour ahead is no value of its time',
    async (t, { door, sayFor, plotOf }) => {
      const subject = 'tel.summit.AheadLast.0.w'
      sayFor(subject, { v: 3 }, [50, 40])
      const received = nowTai() - 20
      door.observatory.say(subject, { v: 3 }, { time: received + 3600, received, uncatalogued: true })
      const page = await plotOf(t, 'AheadLast:0', ['v'])
      await page
        .locator('.legend-notes', { hasText: '1 sample set aside: its stamp is 3,600 s ahead' })
        .waitFor()
      await waitForInk(page, part(49, 42), true)
      await waitForInk(page, part(25, 10), false)
    }
  ],
  [
    'a source whose clock is 400 s behind has its line, and is said to be',
    async (t, { door, plotOf }) => {
      const subject = 'tel.summit.Behind.0.w'
      for (let ago = 30; ago > 5; ago -= 0.5) {
        const received = nowTai() - ago
        door.observatory.say(subject, { v: 3 }, { time: received - 400, received, uncatalogued: true })
      }
      const page = await plotOf(t, 'Behind:0', ['v'])
      await page.locator('.legend-notes', { hasText: 'clock of the source 400 s behind' }).waitFor()
      await waitForInk(page, part(25, 10), true)
    }
  ]
]
