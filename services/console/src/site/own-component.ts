import { OWN_COMPONENTS, type OwnComponent } from '@meridian/subjects'

/** What each component that is Meridian's own is, for people. */
const OWN_TEXTS: Readonly<Record<OwnComponent, string>> = {
  Producer: 'a process of Meridian, which brings components into the observatory',
  Commander: 'a process of Meridian, which carries commands to components',
  Gateway: 'a process of Meridian, which feeds pages such as this one',
  Api: 'a process of Meridian, which reads what is stored: plots, event logs and lists of commands',
  Liveness: 'the record of who fell silent and came back, kept by the commanders, and of who was forgotten',
  ScriptQueueState: 'the state of a ScriptQueue, kept by its producer'
}

/** What a component is that belongs to Meridian and not to the observatory; undefined for all others. */
export const ownTextOf = (csc: string): string | undefined =>
  OWN_COMPONENTS.some(own => own === csc) ? OWN_TEXTS[csc as OwnComponent] : undefined
