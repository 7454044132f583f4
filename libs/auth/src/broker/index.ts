export { type BrokerRights, brokerRights } from './broker-rights.ts'
export { type LeafDenials, leafDenials } from './leaf-rights.ts'
export {
  type BrokerDevice,
  type BrokerLeaf,
  type BrokerUser,
  type NatsConfOptions,
  natsConfOf,
  natsTlsOf
} from './nats-conf.ts'
export { type Permissions, permissionsOf } from './permissions.ts'
