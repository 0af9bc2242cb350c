/** Rows of a CSV file (RFC 4180: commas, double quotes, UTF-8; a byte order mark and any line ends are taken), read as a stream. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { SluiceError } from '../../schemas/errors.ts';
import { findQuoteFault } from './quote-fault.ts';
import { at, lineBreaks, positionInFile } from './position.ts';
import { readFault } from './read-fault.ts';
import { errno } from './text.ts';
import { checkUtf8 } from './utf8.ts';

/** A longer row is a fault: most likely a quote that was never closed. In bytes. */
export const LONGEST_ROW = 1024 * 1024;

export interface Row {
  /** Where the row begins, from 1, counted in lines of the file (a quoted field may hold several). */
  readonly line: number;
  readonly fields: readonly string[];
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly empty_lines: number };
}

/**
 * The rows in order, the header among them; empty lines are no rows. Rows may differ in length.
 * Held in memory: the rows of one 64 KiB piece of the file and at most one row of 1 MiB.
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX with line and column of a fault in quoting or encoding; SLUICE_E_SOURCE_UNKNOWN when the file cannot be read
 */
export async function* readRows(file: string): AsyncGenerator<Row> {
  const parser = parse({ bom: true, columns: false, info: true, relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'], max_record_size: LONGEST_ROW });
  const feed = pipeline(createReadStream(file), checkUtf8, parser);
  // Rejects with what the loop below throws as well, or because the reader had enough.
  feed.catch(() => undefined);
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      yield { line: line + info.empty_lines, fields: record };
      // csv-parse counts a CRLF inside quotes twice, so the lines are counted here.
      for (const field of record) line += lineBreaks(field);
      line += 1;
    }
  } catch (thrown) {
    throw await explain(file, thrown);
  } finally {
    parser.destroy();
  }
}

async function explain(file: string, thrown: unknown): Promise<SluiceError> {
  const code = errno(thrown);
  if (!code.startsWith('CSV_') && code !== 'INVALID_OPENING_QUOTE') return await readFault(file, thrown);
  const name = basename(file);
  const syntax = (cause: string): SluiceError => new SluiceError('SLUICE_E_SOURCE_SYNTAX', cause, { cause: thrown });
  const fault = await findQuoteFault(file, LONGEST_ROW);
  if (fault === null) return syntax(`${name}: ${String(thrown)}`);
  const where = await positionInFile(file, fault.offset);
  const opened = fault.opened === null ? where : await positionInFile(file, fault.opened);
  const since = opened.line === where.line ? '' : ` The field was opened at ${at(opened)}: is a quote missing there?`;
  return syntax(`${name}, ${at(where)}: ${fault.what}${since}`);
}
