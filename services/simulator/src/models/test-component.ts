import { SAL_ACK } from '@meridian/protocol/commands'
import type { Model, Stage } from '../model.ts'
import { numberOf, refuse } from '../refuse.ts'

/** SAL's Test component: what is set by command is said back, fault faults, wait waits. */
export function createTestComponent(stage: Stage): Model {
  return {
    commands: {
      setScalars: ({ params, at }) => {
        stage.event('scalars').force(params, at)
      },
      setArrays: ({ params, at }) => {
        stage.event('arrays').force(params, at)
      },
      fault: ({ at }) => {
        stage.fault(1, 'fault command', at)
      },
      wait: ({ params, at }) => {
        const seconds = numberOf(params, 'duration', [0, 3600])
        const ack = numberOf(params, 'ack')
        return {
          seconds,
          done(now) {
            if (now.tai < at.tai + seconds) return false
            if (ack === SAL_ACK.CMD_FAILED) throw refuse('wait was asked to fail')
            return true
          }
        }
      }
    }
  }
}
