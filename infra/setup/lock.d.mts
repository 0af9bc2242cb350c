export const STALE_MS: number;
export function isStale(holder: string, ageMs: number, here: { host: string; alive: (pid: number) => boolean }): boolean;
export function takeLock(path: string, onWait: (pid: string) => void): Promise<() => void>;
