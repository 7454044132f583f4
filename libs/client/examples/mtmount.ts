// From the catalogue 28.0.1. Do not edit: make it anew with `pnpm types`.

/** MTMount telemetry azimuth. */
export interface MTMountTelemetryAzimuth {
  /** double, deg/s² */
  readonly actualAcceleration: number
  /** double, s */
  readonly actualAccelerationTimestamp: number
  /** double, deg/s³ */
  readonly actualJerk: number
  /** double, s */
  readonly actualJerkTimestamp: number
  /** double, deg */
  readonly actualPosition: number
  /** double, s */
  readonly actualPositionTimestamp: number
  /** double, N m */
  readonly actualTorque: number
  /** double, s */
  readonly actualTorqueTimestamp: number
  /** double, deg/s */
  readonly actualVelocity: number
  /** double, s */
  readonly actualVelocityTimestamp: number
  /** double, deg */
  readonly demandPosition: number
  /** double, s */
  readonly demandPositionTimestamp: number
  /** double, deg/s */
  readonly demandVelocity: number
  /** double, s */
  readonly demandVelocityTimestamp: number
  /** double, s */
  readonly timestamp: number
}

/** MTMount command moveToTarget. */
export interface MTMountCommandMoveToTarget {
  /** double, deg */
  readonly azimuth: number
  /** double, deg */
  readonly elevation: number
}

/** Fields of topics by their subjects. */
export interface Topics {
  readonly [subject: `tel.${string}.MTMount.${string}.azimuth`]: MTMountTelemetryAzimuth
}

/** Parameters of commands by component and command. */
export interface Commands {
  readonly MTMount: {
    readonly moveToTarget: MTMountCommandMoveToTarget
  }
}
