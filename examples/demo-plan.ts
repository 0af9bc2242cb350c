/** What the demo stream is made of: shares, look-alikes, and which frames of which video are taken when. Chosen by looking. */
export const START = Date.parse('2026-03-02T06:30:00Z');
export const DAY = 10 * 3600_000;
export const SHORT_SIDE = 160;
export const QUALITY = 58;
/** How much of each class of the clothing set is taken: the long tail keeps its shape. */
export const SHARE = 0.43;
export const DROPPED = new Set(['Not sure', 'Other', 'Skip']);
/** Part of the labelled rows that get a wrong label. */
export const WRONG = 0.04;
/** The first bottle arrives behind this many rows (and the bad ones among them); nothing like it comes before. */
export const ROWS_BEFORE_NEW_KIND = 1085;

/** Left out by hand: a shirt with the photo of a well-known person. All others were looked at; none shows anybody. First eight digits of the name. */
export const LEFT_OUT = new Set(['3e33ad0d']);

/** Classes a tired annotator takes for one another. The other half of the wrong labels are slips to a neighbour in the alphabetic list. */
export const LOOKALIKES: Readonly<Record<string, readonly string[]>> = {
  Blazer: ['Outwear', 'Shirt'],
  Blouse: ['Shirt', 'Top'],
  Body: ['T-Shirt', 'Dress'],
  Dress: ['Skirt', 'Undershirt'],
  Hat: ['Shoes'],
  Hoodie: ['Outwear', 'Longsleeve'],
  Longsleeve: ['T-Shirt', 'Pants', 'Hoodie'],
  Outwear: ['Hoodie', 'Blazer', 'Shirt'],
  Pants: ['Shorts', 'Longsleeve'],
  Polo: ['T-Shirt', 'Shirt'],
  Shirt: ['Longsleeve', 'Blazer', 'Polo'],
  Shoes: ['Hat'],
  Shorts: ['Pants', 'Skirt'],
  Skirt: ['Shorts', 'Dress'],
  'T-Shirt': ['Longsleeve', 'Polo', 'Dress'],
  Top: ['Undershirt', 'T-Shirt'],
  Undershirt: ['T-Shirt', 'Dress'],
};

export const VIDEOS = {
  street: { file: 'car-detection.mp4', width: 768, height: 432, frameMs: 80 },
  door: { file: 'one-by-one-person-detection.mp4', width: 768, height: 432, frameMs: 100 },
  'line-1': { file: 'bottle-detection.mp4', width: 640, height: 360, frameMs: 33.5 },
} as const;
export type Camera = keyof typeof VIDEOS;
/** A run of frames of one video: from, to (both taken), step. */
export type Run = readonly [from: number, to: number, step: number];
/** The part of a frame that is kept: x, y, width, height. */
export type View = readonly [x: number, y: number, width: number, height: number];

/** Each time a car passes, and the empty road between. */
export const STREET: readonly (readonly Run[])[] = [
  [[20, 24, 2]],
  [[54, 106, 2]],
  [[124, 128, 2]],
  [[150, 154, 2]],
  [[178, 236, 2]],
  [[250, 254, 2]],
  [[270, 274, 2]],
  [[290, 294, 2]],
  [[314, 350, 2]],
  [[364, 368, 2]],
];
/** Each person comes in (every other frame), stands at the table (now and then a frame) and leaves; then the empty room. */
export const DOOR: readonly (readonly Run[])[] = [
  [[20, 24, 2]],
  [
    [60, 76, 2],
    [84, 174, 10],
    [178, 194, 2],
  ],
  [[206, 210, 2]],
  [
    [232, 246, 2],
    [256, 426, 17],
    [434, 446, 2],
  ],
  [[464, 468, 2]],
  [
    [498, 514, 2],
    [530, 670, 14],
    [680, 696, 2],
  ],
  [[712, 716, 2]],
  [
    [748, 762, 2],
    [770, 840, 10],
    [850, 868, 2],
  ],
  [[884, 888, 2]],
  [
    [918, 934, 2],
    [960, 1160, 20],
    [1176, 1196, 2],
  ],
  [[1210, 1214, 2]],
  [
    [1234, 1248, 2],
    [1260, 1320, 10],
    [1326, 1346, 2],
  ],
];
/** The line with nothing on it: left of the last bottle while the two others are away. The camera is re-aimed now and then. */
export const EMPTY_LINE: readonly Run[] = [
  [548, 560, 4],
  [566, 578, 4],
  [584, 596, 4],
  [602, 614, 4],
  [620, 632, 4],
  [636, 648, 4],
];
export const EMPTY_VIEWS: readonly View[] = [
  [14, 0, 480, 360],
  [20, 60, 400, 300],
  [150, 90, 340, 255],
];
/** The new kind. One line is one visit: sparsely sampled frames of one, two, three bottles, put down, taken away, near and far. */
export const BOTTLE_VIEWS = {
  left: [14, 100, 288, 216],
  middle: [165, 95, 300, 225],
  right: [352, 95, 288, 216],
  leftTwo: [14, 30, 440, 330],
  rightTwo: [200, 30, 440, 330],
  leftFar: [14, 0, 480, 360],
  rightFar: [160, 0, 480, 360],
} as const satisfies Record<string, View>;
export const BOTTLES: readonly (readonly [view: keyof typeof BOTTLE_VIEWS, frames: readonly number[]])[] = [
  ['leftTwo', [30, 195, 240]],
  ['rightFar', [560, 690]],
  ['middle', [80, 500, 720]],
  ['right', [610, 940, 1060]],
  ['leftFar', [350, 420, 510]],
  ['left', [190, 380, 860]],
  ['rightTwo', [580, 680, 950]],
  ['middle', [670, 700, 780]],
  ['leftTwo', [520, 830, 890]],
  ['right', [640, 1050, 1085]],
  ['rightFar', [760, 930, 1000]],
  ['left', [850, 1010]],
  ['middle', [485, 1110]],
];
