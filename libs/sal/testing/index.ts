export {
  createObservatory,
  createObservatoryWith,
  type Observatory,
  type Said,
  type StartedRegistry
} from './observatory.ts'
export { type SalBehaviour, type SalComponent, startSalComponent } from './sal-component.ts'
