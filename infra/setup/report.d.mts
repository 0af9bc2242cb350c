import type { Family } from './plan.mjs';

export type Need = 'compiler' | 'faiss' | 'browser' | 'ffmpeg';
export const SYSTEM: Record<Need, { name: string; cause: string } & Record<Family, string[]>>;

export type MissingPart = { name: string; cause: string; fix?: string; needs?: Need };
export function renderMissing(parts: MissingPart[], family: Family | null): string;

export function renderOptional(part: MissingPart & { needs: Need }, family: Family | null): string;

export function causeOf(output: string, code: number): string;
export function lockRefused(output: string): boolean;
export function neededBy(output: string): Need | null;
export function loadCause(message: string): string;
export function scrub(text: string): string;
export function tail(text: string, count?: number): string;
