/**
 * Extensions of files that lie beside images and are plainly something else: in a folder they are no items.
 * The list is kept to what nobody takes for a picture. A video, an SVG, a file of unknown kind or of none is an item: if it cannot be
 * decoded it becomes a dead letter, and somebody learns that it was there.
 */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  // tables, annotations, arrays
  'csv', 'tsv', 'json', 'jsonl', 'ndjson', 'geojson', 'xml', 'yaml', 'yml', 'toml', 'ini', 'cfg', 'conf', 'npy', 'npz', 'parquet', 'arrow', 'feather', 'pkl', 'pickle',
  'h5', 'hdf5', 'mat', 'pt', 'pth', 'onnx', 'safetensors', 'tfrecord', 'xls', 'xlsx', 'ods',
  // text
  'txt', 'text', 'md', 'markdown', 'rst', 'log', 'html', 'htm', 'css', 'pdf', 'doc', 'docx', 'odt', 'rtf',
  // archives and checksums
  'zip', 'tar', 'gz', 'tgz', 'bz2', 'xz', 'zst', 'lz4', '7z', 'rar', 'md5', 'sha1', 'sha256', 'sha512',
  // databases, Sluice's own among them (its output folder may lie inside the source)
  'db', 'db-wal', 'db-shm', 'db-journal', 'sqlite', 'sqlite3', 'mdb', 'lmdb',
  // code
  'py', 'pyc', 'ipynb', 'js', 'mjs', 'cjs', 'sh', 'bash', 'bat', 'ps1', 'c', 'cc', 'cpp', 'h', 'hpp', 'rs', 'go', 'java', 'rb', 'pl', 'sql',
]);

/** Whether a file is plainly of another kind by its extension. A name that begins with its only dot has none. */
export function isOtherKind(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && OTHER_KINDS.has(name.slice(dot + 1).toLowerCase());
}
