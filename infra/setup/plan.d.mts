export const LEAST_NODE: string;
export function atLeast(version: string, least: string): boolean;
export function parseOsRelease(text: string): Record<string, string>;

export type Family = 'debian' | 'fedora' | 'macos';
export function familyOf(platform: string, osRelease: Record<string, string>): Family | null;

export type LockEntry = { version?: string; optional?: boolean; os?: string | string[]; cpu?: string | string[]; libc?: string | string[] };
export type Lock = { packages?: Record<string, LockEntry> };
export type System = { os: string; cpu: string; libc: string | undefined };
export function packageFaults(lock: Lock | null, installed: Lock | null, system: System): { wrong: string[]; skipped: string[] };

export type State = Record<string, string | number | boolean | null>;
export function stampHolds(stamp: State | null, now: State): boolean;

export type Step = 'packages' | 'node' | 'faiss' | 'browser' | 'rtsp' | 'ffmpeg' | 'verify';
export function stepsDue(probed: { packagesFit: boolean; nodeWorks: boolean; faissWorks: boolean; browserMissing: boolean; rtspMissing: boolean; ffmpegMissing: boolean }): Step[];
