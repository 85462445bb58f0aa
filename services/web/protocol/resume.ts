// What a transfer keeps when its connection breaks or it is paused: which
// files are settled, what the user has answered, and how far the unfinished
// one is. The device is asked anew, and the next job goes on from there.
import type { FileInfo } from './files.js';

export type Choice = 'overwrite' | 'skip';

export class Progress {
  private readonly settled = new Map<string, number>(); // bytes by name
  private settledBytes = 0;
  private readonly begun = new Set<string>();
  private readonly choices = new Map<string, Choice>();
  private always: Choice | undefined;
  private half: { readonly file: FileInfo; bytes: number } | undefined;

  // Whole or skipped.
  get files(): number {
    return this.settled.size;
  }

  get bytes(): number {
    return this.settledBytes + (this.half?.bytes ?? 0);
  }

  isSettled(name: string): boolean {
    return this.settled.has(name);
  }

  // What is under that name on the other side is ours, whole or not.
  isBegun(name: string): boolean {
    return this.begun.has(name);
  }

  // The user's answer to the question of NAME, or of all that follow.
  choose(name: string, choice: Choice, all: boolean): void {
    this.choices.set(name, choice);
    if (all)
      this.always = choice;
  }

  // THERE: another file has that name already.
  decide(name: string, there: boolean): 'take' | 'skip' | 'ask' {
    if (!there || this.begun.has(name))
      return 'take';
    const choice = this.choices.get(name) ?? this.always;
    return choice === undefined ? 'ask'
      : choice === 'skip' ? 'skip' : 'take';
  }

  // How much of this very file is there; one that changed begins anew.
  offset(file: FileInfo): number {
    const h = this.half;
    return h !== undefined && h.file.name === file.name
      && h.file.size === file.size && h.file.modified === file.modified
      ? h.bytes : 0;
  }

  begin(file: FileInfo, from: number): void {
    this.unsettle(file.name);
    this.begun.add(file.name);
    this.half = { file, bytes: from };
  }

  moved(bytes: number): void {
    if (this.half)
      this.half.bytes += bytes;
  }

  end(): void {
    const h = this.half;
    this.half = undefined;
    if (h)
      this.settle(h.file.name, h.bytes);
  }

  // The unfinished file will not be finished.
  drop(): void {
    this.half = undefined;
  }

  skip(name: string): void {
    if (this.half?.file.name === name)
      this.half = undefined;
    if (!this.settled.has(name))
      this.settle(name, 0);
  }

  private settle(name: string, bytes: number): void {
    this.settled.set(name, bytes);
    this.settledBytes += bytes;
  }

  private unsettle(name: string): void {
    this.settledBytes -= this.settled.get(name) ?? 0;
    this.settled.delete(name);
  }
}
