/** The headings of the overview, in the order of the wall. */
export const SUBSYSTEMS = [
  'Main Telescope',
  'Camera',
  'Auxiliary Telescope',
  'Environment',
  'Calibration',
  'Observatory systems',
  'Scheduling & scripts',
  'Other'
] as const
export type Subsystem = (typeof SUBSYSTEMS)[number]

const named: Readonly<Partial<Record<Subsystem, readonly string[]>>> = {
  Camera: ['MTCamera', 'CCCamera', 'MTHeaderService', 'CCHeaderService', 'MTOODS', 'CCOODS', 'Guider'],
  Environment: ['ESS', 'DIMM', 'DREAM', 'DSM', 'EAS', 'HVAC', 'WeatherForecast', 'MOSS', 'SummitFacility'],
  Calibration: [
    'ATMonochromator',
    'ATWhiteLight',
    'CBP',
    'Electrometer',
    'FiberSpectrograph',
    'LEDProjector',
    'LinearStage',
    'MTReflector',
    'TunableLaser'
  ],
  'Observatory systems': [
    'AlarmRule',
    'GCHeaderService',
    'GIS',
    'GenericCamera',
    'LOVE',
    'OCPS',
    'Test',
    'Watcher',
    'WFOODS'
  ],
  'Scheduling & scripts': ['Scheduler', 'Script', 'ScriptQueue', 'ScriptQueueState'],
  'Main Telescope': ['LaserTracker', 'PMD']
}

const byName = new Map<string, Subsystem>(
  SUBSYSTEMS.flatMap(subsystem => (named[subsystem] ?? []).map(csc => [csc, subsystem] as const))
)

/** The heading under which a component stands. What no catalogue knows is `Other`, whatever its name begins with. */
export function subsystemOf(csc: string, uncatalogued = false): Subsystem {
  if (uncatalogued) return 'Other'
  const known = byName.get(csc)
  if (known !== undefined) return known
  if (csc.startsWith('MT')) return 'Main Telescope'
  return csc.startsWith('AT') ? 'Auxiliary Telescope' : 'Other'
}
