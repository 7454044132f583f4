/** Version of Meridian, as every service tells it. */
export const VERSION = '0.1.0'
