/** Version of Meridian in logs, `$SRV.INFO` and the api's description. */
export const VERSION = '0.1.0'
