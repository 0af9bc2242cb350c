export const CACHE: string;
export const JAR_FOLDER: string;
export function jarsAreThere(): boolean;
export const IMAGE: string;
export const STARTED: RegExp;
export function jdkProgram(name: string): string | null;
export function startCommand(parts: { java: string; jars: string; folder: string; users: readonly string[] }): string[];
