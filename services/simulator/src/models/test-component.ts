import { SAL_ACK } from '@meridian/protocol/commands'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Work
} from '../model.ts'
import { numberOf, refuse } from '../refuse.ts'

/**
 * Creates SAL's Test component: events repeat what commands set, `fault` goes to FAULT, `wait` takes time.
 */
export const createTestComponent = (context: ModelContext): Model => createModel(context, { commands })

const commands: CommandTable<ModelContext> = {
  setScalars: (context, { params, at }) => {
    context.event('scalars').force(params, at)
  },
  setArrays: (context, { params, at }) => {
    context.event('arrays').force(params, at)
  },
  fault: (context, { at }) => {
    context.fault(1, 'fault command', at)
  },
  wait
}

function wait(_context: ModelContext, { params, at }: Call): Work {
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
