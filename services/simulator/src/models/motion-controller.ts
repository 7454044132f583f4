import type { ModelContext } from '../model.ts'
import type { Values } from '../outlet.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** Events at start that rotator and hexapods have in common: connected, free to move, in position. */
export const CONTROLLER_EVENTS: Readonly<Record<string, Values>> = {
  connected: { connected: true },
  interlock: { engaged: false },
  commandableByDDS: { state: true },
  inPosition: { inPosition: true }
}

/** Publishes the state of a motion controller that is enabled; `substate` is an item of EnabledSubstate. */
export function publishController(context: ModelContext, substate: string, at: Tick): void {
  context.event('controllerState').put(
    {
      controllerState: context.valueOf('ControllerState', 'Enabled'),
      enabledSubstate: context.valueOf('EnabledSubstate', substate),
      applicationStatus: context.valueOf('ApplicationStatus', 'DDS_COMMAND_SOURCE')
    },
    at
  )
}

/** Publishes the state of a motion controller that left ENABLED for `next`. */
export function publishDisabledController(context: ModelContext, next: SummaryState, at: Tick): void {
  const item = next === SUMMARY.FAULT ? 'Fault' : 'Standby'
  context.event('controllerState').put({ controllerState: context.valueOf('ControllerState', item) }, at)
}
