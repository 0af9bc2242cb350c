/**
 * The one catalogue of errors: code, meaning, what to do, and whether trying again can help.
 * Every code is raised in a test; the table in docs/errors.md is generated from here.
 */
export const ERRORS = {
  // Bad input: the item becomes a dead letter, the stream goes on.
  SLUICE_E_IMAGE_EMPTY: { meaning: 'The file holds no bytes.', next: 'Write the file again; check the camera or the copy that made it.', retriable: false, exit: 1 },
  SLUICE_E_IMAGE_MISSING: { meaning: 'The file named by the source is not there or is no regular file.', next: 'Check the path in the manifest and --root.', retriable: true, exit: 1 },
  SLUICE_E_IMAGE_UNREADABLE: { meaning: 'The file could not be read from the disk.', next: 'Check the permissions of the file and the health of the disk.', retriable: true, exit: 1 },
  SLUICE_E_IMAGE_FORMAT: { meaning: 'The bytes are not an image of a supported format.', next: 'Supported: JPEG, PNG, WebP, GIF, TIFF, AVIF. Convert the file or leave it out.', retriable: false, exit: 1 },
  SLUICE_E_IMAGE_CORRUPT: { meaning: 'The image could not be decoded: it is truncated or damaged.', next: 'Fetch the file again from where it came.', retriable: false, exit: 1 },
  SLUICE_E_IMAGE_TOO_LARGE: { meaning: 'The file or its decoded size is over the limit.', next: 'Scale the image down.', retriable: false, exit: 1 },
  SLUICE_E_IMAGE_TIMEOUT: { meaning: 'Decoding took longer than the limit.', next: 'The file may be built to be slow; look at it before you raise the limit.', retriable: true, exit: 1 },
  SLUICE_E_VIDEO_BROKEN: { meaning: 'Not all of the video could be decoded: it is cut off or damaged, holds no pictures, or is none. The frames that came are decided.', next: 'Fetch the file again from where it came; the cause says how far it went.', retriable: false, exit: 1 },
  SLUICE_E_REFERENCE_REFUSED: { meaning: 'The sample refers to an image at a place that is not configured or not allowed, or the reference cannot be understood.', next: 'Refer to file:, http(s): or s3: under the roots, hosts and buckets that are configured, or configure the place.', retriable: false, exit: 1 },
  SLUICE_E_OBJECT_MISSING: { meaning: 'The object that the sample refers to is not there.', next: 'Write the object before the sample that refers to it, or raise the number of attempts.', retriable: true, exit: 1 },
  SLUICE_E_OBJECT_DENIED: { meaning: 'The host or object store does not hand the object out.', next: 'Check the credentials, their rights and the clock; S3 answers 403 for a missing key too where keys may not be listed.', retriable: false, exit: 1 },
  SLUICE_E_OBJECT_MISMATCH: { meaning: 'The bytes of the object are not those the sample speaks of: their SHA-256 differs.', next: 'Write objects once, under names of their own; check what changed this one.', retriable: false, exit: 1 },
  SLUICE_E_OBJECT_TIMEOUT: { meaning: 'Reading the object took longer than the limit.', next: 'Check the host and the network, or raise the limit.', retriable: true, exit: 1 },
  SLUICE_E_OBJECT_UNAVAILABLE: { meaning: 'The host or object store could not be reached or cannot answer now.', next: 'Check the host, its name, its certificate and the network.', retriable: true, exit: 1 },
  SLUICE_E_PATH_OUTSIDE_ROOT: { meaning: 'The path leads outside the root of the source.', next: 'Move the file under the root, or give another --root.', retriable: false, exit: 1 },
  SLUICE_E_ID_REPEATED: { meaning: 'An item with this id came before.', next: 'Give every item an id of its own.', retriable: false, exit: 1 },
  SLUICE_E_ROW_INVALID: { meaning: 'A row of the manifest could not be understood.', next: 'Mend the row; the cause names its line and column.', retriable: false, exit: 1 },
  SLUICE_E_LABEL_INVALID: { meaning: 'The annotation of the image could not be understood.', next: 'Mend the annotation; the cause names its file and line.', retriable: false, exit: 1 },
  SLUICE_E_LABEL_UNUSED: { meaning: 'A label event names no item that Sluice knows of: none with its id came in time, or it came too long ago.', next: 'Send labels to the partition of their samples, with the same key, and not long before them; they can be given for the last 20,000 items of a partition and for all in its memory.', retriable: false, exit: 1 },
  SLUICE_E_WIRE_FORMAT: { meaning: 'The message is framed in no way that Sluice knows.', next: 'Produce Avro in Confluent framing (0x00 and a schema id) or as a single object (0xc301 and a fingerprint).', retriable: false, exit: 1 },
  SLUICE_E_SCHEMA_UNKNOWN: { meaning: 'The schema that a message or topic names is not known.', next: 'Check that the registry is the one the producer uses and still holds the schema; where schemas are not registered by Sluice, register them.', retriable: false, exit: 1 },
  SLUICE_E_SCHEMA_UNREADABLE: { meaning: 'The schema is no valid Avro, or data written with it cannot be read as what the topic is for.', next: 'Compare it with schemas/avro; fields that Sluice needs must be there, with a type that can be promoted.', retriable: false, exit: 1 },
  SLUICE_E_RECORD_CORRUPT: { meaning: 'The bytes of the message are not a record of the schema it names.', next: 'Check the producer: it may write another schema than it says, or cut messages off.', retriable: false, exit: 1 },
  SLUICE_E_RECORD_INVALID: { meaning: 'A value does not fit the schema it is to be written with.', next: 'Please report it with the field that is named; a name that holds half a surrogate pair must be mended at its source.', retriable: false, exit: 1 },
  // A bad annotation: its image is decided without it, and it is counted.
  SLUICE_E_ANNOTATION_ID: { meaning: 'The id of the annotation is no whole number or text.', next: 'Give each annotation an id of its own, or none.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_CATEGORY: { meaning: 'The annotation is of no class that the source names, or the name is longer than 1,000 characters.', next: 'Add the class to the categories (COCO) or names (YOLO), shorten its name, or mend the annotation.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_BOX: { meaning: 'The box is no four finite numbers, or has a negative side.', next: 'Give [x, y, width, height], or in YOLO the centre, width and height.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_OUTSIDE: { meaning: 'The annotation lies outside its image.', next: 'Check the size of the image and whether coordinates are pixels or parts of it; a box may stick out, but part of it must lie inside.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_TOO_MANY: { meaning: 'The image has more boxes than are looked at: the first 1,000 good ones count, the others are left out.', next: 'Cut the image into tiles, or check what wrote so many boxes.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_POLYGON: { meaning: 'A polygon has fewer than three points, or is no list of pairs of numbers.', next: 'Give each polygon as x1, y1, x2, y2, x3, y3 and so on.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_RLE: { meaning: 'A mask in run-length encoding does not fit its image: its size is another, or its runs do not add up to it.', next: 'Encode the mask again at the size of the image, as [height, width].', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_SCORE: { meaning: 'The prediction does not say how sure it is.', next: 'Give each prediction a score from 0 to 1.', retriable: false, exit: 1 },
  SLUICE_E_ANNOTATION_IMAGE: { meaning: 'The annotation is of an image that the source does not have.', next: 'Add the image, or take its annotations out.', retriable: false, exit: 1 },
  // Bad configuration: nothing starts.
  SLUICE_E_ARCHIVE_BROKEN: { meaning: 'An archive of images is damaged; what came before the damage was taken.', next: 'Fetch or make the archive anew, and run the same command with --retry.', retriable: false, exit: 1 },
  SLUICE_E_SOURCE_UNKNOWN: { meaning: 'The source is none that Sluice can read.', next: 'Give one of the formats of docs/formats.md; --format names it where looking does not tell.', retriable: false, exit: 78 },
  SLUICE_E_SOURCE_SYNTAX: { meaning: 'The manifest or annotation file is broken.', next: 'Mend the file at the line and column given.', retriable: false, exit: 78 },
  SLUICE_E_CONFIG_INVALID: { meaning: 'The configuration has faults.', next: 'Mend each fault listed; nothing was started.', retriable: false, exit: 78 },
  SLUICE_E_SECRET: { meaning: 'A secret that the configuration refers to is not there.', next: 'Set the variable or write the file that is named; its user must be able to read it.', retriable: false, exit: 78 },
  SLUICE_E_CONFIG_CHANGED: { meaning: 'The configuration differs from what the output folder, or the state of a partition, was made with.', next: 'Give the old values, another --out (over Kafka another name and other topics), or --change to go on with the new ones from here.', retriable: false, exit: 78 },
  SLUICE_E_PICTURES_GONE: { meaning: 'The model cannot be changed: none of the pictures that were decided is there any more.', next: 'Put the pictures back where they were, or give another --out; the folder is as it was.', retriable: false, exit: 1 },
  SLUICE_E_UNSUPPORTED: { meaning: 'This version cannot do that yet.', next: 'See the README for what is supported.', retriable: false, exit: 78 },
  SLUICE_E_USAGE: { meaning: 'The command line is wrong.', next: 'See sluice --help.', retriable: false, exit: 2 },
  // The outside world.
  SLUICE_E_BUSY: { meaning: 'Another process is working on this output folder.', next: 'Wait for it to end or stop it; a killed process leaves no lock.', retriable: true, exit: 1 },
  SLUICE_E_HTTP_ADDRESS: { meaning: 'The address for the HTTP endpoints cannot be used.', next: 'Stop whoever has the port, or set another http.port; http.host must be an address of this machine.', retriable: true, exit: 1 },
  SLUICE_E_DISK_FULL: { meaning: 'The disk is full.', next: 'Free space and run the same command again: it goes on where it stopped.', retriable: true, exit: 1 },
  SLUICE_E_NOT_WRITABLE: { meaning: 'The output folder cannot be written.', next: 'Check its permissions or give another --out.', retriable: false, exit: 1 },
  SLUICE_E_STORE_CORRUPT: { meaning: 'The output folder holds a database that is damaged or of another kind.', next: 'Restore it from a copy, or give another --out.', retriable: false, exit: 1 },
  SLUICE_E_NOT_FOUND: { meaning: 'There is no such thing in this output folder.', next: 'Check the spelling; `sluice export DIR --format jsonl --verdict all --to -` lists all ids.', retriable: false, exit: 1 },
  SLUICE_E_SCHEMA_REFUSED: { meaning: 'The schema registry does not take the schema of a topic.', next: 'Compare what the registry holds under the subject with schemas/avro, and its compatibility level; another topic name starts a subject of its own.', retriable: false, exit: 1 },
  SLUICE_E_REGISTRY_UNAVAILABLE: { meaning: 'The schema registry could not be reached or cannot answer now.', next: 'Check its address, its health and the network.', retriable: true, exit: 1 },
  SLUICE_E_REGISTRY_DENIED: { meaning: 'The schema registry does not accept the credentials, or they do not allow this.', next: 'Check user and password or token, and their rights to the subject.', retriable: false, exit: 78 },
  SLUICE_E_REGISTRY_ANSWER: { meaning: 'What answers at the address of the schema registry does not answer as one.', next: 'Check the address with its path; it must speak the REST interface of the Confluent Schema Registry.', retriable: false, exit: 78 },
  SLUICE_E_MODEL: { meaning: 'The embedding model could not be loaded or does not fit.', next: 'Run `sluice doctor`; what a model must take and give, and how one is described, is in docs/embeddings.md.', retriable: false, exit: 1 },
  SLUICE_E_FFMPEG: { meaning: 'ffmpeg, with which videos are read, is not there, or did not run to its end.', next: 'Install ffmpeg 5.1 or newer (Debian, Ubuntu: apt-get install ffmpeg; Fedora: dnf install ffmpeg-free; macOS: brew install ffmpeg) and run the same command again.', retriable: true, exit: 1 },
  SLUICE_E_CAMERA_UNREACHABLE: { meaning: 'A camera cannot be reached, sends nothing, or sends what is no video.', next: 'Check its address, user and password, that it is switched on, and the network; it is tried again by itself, and the other cameras go on.', retriable: true, exit: 1 },
  SLUICE_E_CAMERA_DEVICE: { meaning: 'There is no such device.', next: 'Check that the camera is plugged in (`ls /dev/video*`) and that it is passed into the container; it is tried again by itself, and the other cameras go on.', retriable: true, exit: 1 },
  SLUICE_E_SINK_FAILED: { meaning: 'An alert could not be delivered to a sink now: it cannot be reached, answers with an error or not in time, or the command failed.', next: 'Check the sink; it is tried again by itself, also by the next run, and neither decisions nor other sinks wait for it.', retriable: true, exit: 1 },
  SLUICE_E_SINK_REFUSED: { meaning: 'A webhook does not take an alert: it answers that the request is wrong.', next: 'Check its address and secret and what it says in its log; after three tries the alert is given up for this sink. It stays listed by `sluice alerts`.', retriable: false, exit: 1 },
  SLUICE_E_INDEX: { meaning: 'The vector index failed.', next: 'Run `sluice doctor`; run the same command again: it goes on where it stopped.', retriable: true, exit: 1 },
  SLUICE_E_TOPICS: { meaning: 'The topics are not as the pipeline needs them.', next: 'Make the topics of samples and labels with equal numbers of partitions (`sluice topics PIPELINE.yaml --partitions N` makes those that are missing); the others are made as they must be where they are missing. A setting that is named is changed with `kafka-configs --alter`; a number of partitions is never changed: take topics with new names, and another name of the pipeline.', retriable: false, exit: 78 },
  SLUICE_E_KAFKA: { meaning: 'Kafka could not be reached, or did not do what was asked of it.', next: 'Check the brokers and the network; a worker tries again by itself.', retriable: true, exit: 1 },
  SLUICE_E_KAFKA_DENIED: { meaning: 'Kafka does not accept the credentials, or they do not allow this.', next: 'Check user, password and mechanism, and the rights to the topics, the consumer group and the transactional ids that begin with the name of the pipeline.', retriable: false, exit: 78 },
  SLUICE_E_INTERRUPTED: { meaning: 'The run was stopped on request.', next: 'Run the same command again: it goes on where it stopped.', retriable: true, exit: 130 },
  SLUICE_E_INTERNAL: { meaning: 'A fault in Sluice itself.', next: 'Please report it with the command and the message.', retriable: false, exit: 1 },
} as const satisfies Record<string, { meaning: string; next: string; retriable: boolean; exit: number }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the catalogue. `message` is the cause of this one case, in a sentence for people, free of secrets. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, cause: string, options?: ErrorOptions) {
    super(cause, options);
    this.code = code;
  }

  get next(): string {
    return ERRORS[this.code].next;
  }

  get retriable(): boolean {
    return ERRORS[this.code].retriable;
  }

  /** Exit code of a process that ends with this error. */
  get exit(): number {
    return ERRORS[this.code].exit;
  }
}

/** Wraps whatever was thrown, so that everything that leaves a port is of the catalogue. */
export function asSluiceError(thrown: unknown, code: ErrorCode): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

/** Whether trying again can help. What is not of the catalogue is a fault of ours, which it cannot. */
export function isRetriable(thrown: unknown): boolean {
  return thrown instanceof SluiceError && thrown.retriable;
}
