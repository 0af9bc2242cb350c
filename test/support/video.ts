/** Small clips made with ffmpeg, and its processes looked at. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePictures, newFolder } from './folders.ts';

export interface ClipOptions {
  readonly name?: string;
  /** Frames a second. */
  readonly rate?: number;
  /** Further arguments for the output. */
  readonly args?: readonly string[];
}

/** A clip that shows so many pictures of a stream with common and rare kinds, one a frame. @returns its path */
export async function makeClip(count: number, { name = 'clip.mp4', rate = 5, args = [] }: ClipOptions = {}): Promise<string> {
  const { folder } = await makePictures(count);
  const path = join(newFolder(), name);
  ffmpeg('-framerate', String(rate), '-i', join(folder, '%04d.jpg'), '-vf', 'scale=160:120', '-c:v', 'mpeg4', '-q:v', '3', '-g', '4', ...args, path);
  return path;
}

export function ffmpeg(...args: readonly string[]): void {
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args]);
}

/** The processes of ffmpeg that a process has started and that are still there. */
export function ffmpegsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((text) => text !== '');
  return children.map(Number).filter((child) => nameOf(child) === 'ffmpeg');
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
