/** Version of Meridian: in logs, `$SRV.INFO`, `/version`, the api's description, and in the name of images and releases. */
export const VERSION = '0.1.0'
