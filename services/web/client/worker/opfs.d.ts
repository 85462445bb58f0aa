// What only workers have; TypeScript keeps it in a library of its own that
// cannot be loaded beside the DOM's.
interface FileSystemSyncAccessHandle {
  write(data: BufferSource, options?: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}
