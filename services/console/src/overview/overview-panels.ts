import { type Panel, panel } from '../panel.tsx'
import type { Fleet } from '../site/fleet.ts'
import { AlarmList } from './alarm-list.tsx'
import { ProblemList } from './problem-list.tsx'
import { StateChangeList } from './state-change-list.tsx'

/** What stands beside the tiles of the overview, from top to bottom: what an operator must not overlook. */
export const OVERVIEW_PANELS: ReadonlyArray<Panel<Fleet>> = [
  panel({
    name: 'problems',
    title: 'Needs attention',
    needs: (fleet: Fleet) => ({ fleet }),
    View: ProblemList
  }),
  panel({
    name: 'alarms',
    title: 'Alarms',
    needs: ({ alarms }: Fleet) => ({ alarms }),
    View: AlarmList
  }),
  panel({
    name: 'changes',
    title: 'State changes',
    needs: ({ changes }: Fleet) => ({ changes }),
    View: StateChangeList
  })
]
