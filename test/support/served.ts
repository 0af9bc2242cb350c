/** A broker that has just started says that it is still reading what it knows of groups. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';

/** More than the broker has partitions for what it knows of groups, so that each is asked. */
const GROUPS = 16;

/** A broker that has just started refuses groups until it has read what it knows of them: workers try again, tests count what they lost. */
export async function groupsServed(admin: Admin, topic: string): Promise<void> {
  for (let group = 0; group < GROUPS; group++) await answered(() => admin.fetchOffsets({ groupId: `served-${group}`, topics: [topic] }));
}

/** Asks again where the broker says to, for up to ten seconds. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (thrown) {
      if (tries > 200 || !(thrown instanceof Error && 'retriable' in thrown && thrown.retriable === true)) throw thrown;
      await sleep(50);
    }
  }
}
