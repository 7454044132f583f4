export { createObservatory, type Observatory, type Said } from './observatory.ts'
export { type SalCommand, type SalReply, startSalComponent } from './sal-component.ts'
