/** Topics that an operator looks at first, in this order [docs/sal.md#rates]. Any other component lists its topics by name. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  MTMount: [
    'azimuth',
    'elevation',
    'target',
    'azimuthMotionState',
    'azimuthInPosition',
    'elevationInPosition',
    'cameraCableWrap',
    'safetyInterlocks'
  ],
  MTM1M3: [
    'detailedState',
    'raisingLoweringInfo',
    'forceActuatorData',
    'hardpointActuatorData',
    'imsData',
    'forceActuatorWarning'
  ],
  MTDome: ['azimuth', 'apertureShutter', 'louvers', 'azMotion', 'shutterMotion'],
  ATDome: ['position', 'azimuthState', 'mainDoorState'],
  MTRotator: ['rotation', 'motors', 'inPosition'],
  MTHexapod: ['application', 'actuators', 'inPosition'],
  MTM2: ['position', 'axialForce', 'tangentForce', 'forceBalance'],
  MTPtg: ['currentTargetStatus', 'currentTarget'],
  ATPtg: ['currentTargetStatus', 'currentTarget'],
  Scheduler: ['observatoryState', 'observatoryStatus', 'blockStatus', 'predictedSchedule'],
  MTCamera: ['startIntegration', 'startReadout', 'endReadout', 'raftsDetailedState', 'endOfImageTelemetry'],
  CCCamera: ['startIntegration', 'startReadout', 'endReadout', 'raftsDetailedState', 'endOfImageTelemetry'],
  ATCamera: ['startIntegration', 'startReadout', 'endReadout', 'raftsDetailedState', 'endOfImageTelemetry']
}

/** Where a topic stands among those to be seen first; all others come after them. */
export function firstTopicRank(csc: string, topic: string): number {
  const at = FIRST[csc]?.indexOf(topic) ?? -1
  return at < 0 ? Number.MAX_SAFE_INTEGER : at
}
