import { describe, expect, test } from 'vitest';
import { parseCampaigns } from '../../../../pipelines/config/campaigns.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

function faultsOf(text: string): readonly string[] {
  try {
    parseCampaigns(text, '/etc/c.yaml');
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    return thrown.message.split('\n');
  }
  return [];
}

describe('a campaigns file', () => {
  test('what it says, with defaults, and paths beside it', () => {
    expect(parseCampaigns('campaigns:\n- {name: lifts, more: [a.jpg, b.npy], cap: 9}\n- {name: cards, none: [/c.png], similarity: 0.7}\n- {name: p, class: person}\n', '/etc/c.yaml')).toEqual([
      { kind: 'more', name: 'lifts', from: 0.35, weight: 2, cap: 9, files: ['/etc/a.jpg', '/etc/b.npy'] },
      { kind: 'none', name: 'cards', from: 0.7, files: ['/c.png'] },
      { kind: 'class', name: 'p', from: 0.8, weight: 10, cap: null, class: 'person' },
    ]);
    expect(parseCampaigns('', 'c.yaml')).toEqual([]);
  });

  test.for([
    ['- {name: a}', 'give one of more, none and class'],
    ['- {name: a, more: [x], class: y}', 'give one of more, none and class'],
    ['- {name: a, none: [x], cap: 3}', 'what is not wanted has none'],
    ['- {name: a, class: y, similarity: 0.4}', 'is for more and none'],
    ['- {name: a, more: [x], confidence: 0.4}', 'is for class'],
    ['- {name: a, more: []}', 'expected at least one example'],
    ['- {name: "A b", more: [x]}', 'expected up to 50 of a-z 0-9 -'],
    ['- {name: a, class: x}\n- {name: a, class: y}', 'there is a campaign of this name already'],
  ])('%s is refused', ([list = '', why = '']) => {
    expect(faultsOf(`campaigns:\n${list}\n`).join('\n')).toMatch(new RegExp(`^/etc/c\\.yaml:\\d+:\\d+: .*${why}`));
  });
});
