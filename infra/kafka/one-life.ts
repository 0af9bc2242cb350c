/** Connections of a kafkajs client that end with it: kafkajs itself connects anew where something asked for an answer when it was disconnected. */

interface Pool {
  /** A connection that is there, or a new one. */
  getConnection(index?: number): Promise<unknown>;
}

export interface PoolBuilder {
  build(place?: object): Promise<Pool>;
}

export interface EndingBuilder extends PoolBuilder {
  /** From now on nothing is connected any more. */
  end(): void;
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
  return {
    end: () => (ended = true),
    async build(place) {
      if (ended) throw new Disconnected();
      const pool = await builder.build(place);
      const connect = pool.getConnection.bind(pool);
      const connecting = new Map<number, Promise<unknown>>();
      pool.getConnection = async (index = 0) => {
        if (ended) throw new Disconnected();
        const there = connecting.get(index) ?? connect(index).finally(() => connecting.delete(index));
        connecting.set(index, there);
        return await there;
      };
      return pool;
    },
  };
}
