export { type BrokerRights, brokerRights } from './broker-rights.ts'
export type { BrokerDevice, BrokerDevices } from './device-account.ts'
export { type LeafDenials, leafDenials } from './leaf-rights.ts'
export {
  type BrokerLeaf,
  type BrokerUser,
  type NatsConfOptions,
  natsConfOf,
  natsTlsOf
} from './nats-conf.ts'
export { type Permissions, permissionsOf } from './permissions.ts'
