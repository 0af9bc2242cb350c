/** Names of the headers of what a worker writes. */

/** Which event a record tells of: the same however often it is written, so that whoever reads at least once knows a repeat. */
export const EVENT = '__sluice.event';

/** Those of dead letters, as Kafka Connect names them. */
export const ERRORS = '__connect.errors.';
export const TOPIC = `${ERRORS}topic`;
export const PARTITION = `${ERRORS}partition`;
export const CODE = `${ERRORS}exception.class.name`;
export const CAUSE = `${ERRORS}exception.message`;

/** Of the item that is dead, and its place in the order of its partition. */
export const ID = '__sluice.id';
export const SEQ = '__sluice.seq';
/** How often a message was sent back. It stays with the message. */
export const ATTEMPT = '__sluice.attempt';
