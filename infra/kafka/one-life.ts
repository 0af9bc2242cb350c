/**
 * Connections of a kafkajs client that end with it. kafkajs itself connects anew where something still asks when it was disconnected, and forgets a broker
 * that was replaced, though a consumer goes on asking it as the coordinator of its group.
 */

interface Pool {
  /** A connection that is there, or a new one. */
  getConnection(index?: number): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface PoolBuilder {
  build(place?: object): Promise<Pool>;
}

export interface EndingBuilder extends PoolBuilder {
  /** Ends all connections; from now on nothing is connected any more. */
  end(): Promise<void>;
}

/** What kafkajs does not try again. */
class Disconnected extends Error {
  override readonly name = 'KafkaJSNonRetriableError';
  readonly retriable = false;

  constructor() {
    super('The client was disconnected');
  }
}

/** Also connects once where two requests want the same connection: kafkajs would open two and forget one. */
export function oneLife(builder: PoolBuilder): EndingBuilder {
  let ended = false;
  /** Those that may be connected. */
  const open = new Set<Pool>();
  return {
    async end() {
      ended = true;
      await Promise.all([...open].map((pool) => pool.destroy()));
    },
    async build(place) {
      if (ended) throw new Disconnected();
      const pool = await builder.build(place);
      const connect = pool.getConnection.bind(pool);
      const destroy = pool.destroy.bind(pool);
      const connecting = new Map<number, Promise<unknown>>();
      pool.getConnection = async (index = 0) => {
        if (ended) throw new Disconnected();
        open.add(pool);
        const there = connecting.get(index) ?? connect(index).finally(() => connecting.delete(index));
        connecting.set(index, there);
        return await there;
      };
      pool.destroy = async () => {
        await destroy();
        if (connecting.size === 0) open.delete(pool);
      };
      return pool;
    },
  };
}
