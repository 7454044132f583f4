import type { Broker, BrokerOptions } from './broker.ts'
/** Connects. */
export declare function connectBroker(options: BrokerOptions): Promise<Broker>
