import { SAL_ACK } from '@meridian/protocol/commands'
import type { Model, ModelContext } from '../model.ts'
import { numberOf, refuse } from '../refuse.ts'

/**
 * Creates SAL's Test component: events repeat what commands set, `fault` goes to FAULT, `wait` takes time.
 */
export function createTestComponent(context: ModelContext): Model {
  return {
    commands: {
      setScalars: ({ params, at }) => {
        context.event('scalars').force(params, at)
      },
      setArrays: ({ params, at }) => {
        context.event('arrays').force(params, at)
      },
      fault: ({ at }) => {
        context.fault(1, 'fault command', at)
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
