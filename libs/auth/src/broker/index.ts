export { type BrokerRights, brokerRights } from './broker-rights.ts'
export { type BrokerUser, type NatsConfOptions, natsConfOf } from './nats-conf.ts'
export { type Permissions, permissionsOf } from './permissions.ts'
