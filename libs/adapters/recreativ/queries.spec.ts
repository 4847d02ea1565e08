import { describe, expect, it } from 'vitest';
import { Refusal, readBody, readQuery } from '#canonical';
import { wireImage } from './image.js';
import { RecreativCampaignsQuery, RecreativCoefficient, RecreativOfferCreate } from './queries.js';

const faults = (act: () => unknown): string[] => {
  try {
    act();
    return [];
  } catch (error) {
    return ((error as Refusal).members.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  }
};

const hex = {
  png: '89504e470d0a1a0a0000000d',
  jpeg: 'ffd8ffe000104a4649460001',
  gif: '474946383961010001000000',
  webp: '524946461a00000057454250',
  text: '3c3f70687020706870696e66',
};
const uri = (declared: string, real: keyof typeof hex) =>
  `data:image/${declared};base64,${Buffer.from(hex[real], 'hex').toString('base64')}`;
const offer = { campaignId: '111', description: 'Кофе', url: 'https://coffee.example.ru' };
const withPicture = (rectangle: unknown) =>
  faults(() => readBody(RecreativOfferCreate, { ...offer, rectangle }));

describe('Recreativ: pictures', () => {
  it('accepts a type that matches the bytes, in any spelling', () => {
    expect([uri('png', 'png'), uri('jpeg', 'jpeg'), uri('jpg', 'jpeg')].flatMap(withPicture)).toEqual([]);
    expect(wireImage(uri('jpg', 'jpeg'))).toBe(uri('jpeg', 'jpeg'));
  });

  it.each([
    [uri('png', 'jpeg'), 'The data URI declares png, but the data is jpeg.'],
    [uri('png', 'gif'), 'Recreativ accepts only JPEG and PNG; this is GIF.'],
    [uri('webp', 'webp'), 'Recreativ accepts only JPEG and PNG; this is WEBP.'],
    [uri('png', 'text'), 'The data is neither a JPEG nor a PNG picture.'],
    [
      'https://coffee.example.ru/1.png',
      'Expected a picture as data:image/jpeg;base64,… or data:image/png;base64,….',
    ],
    ['data:image/png;base64,%%%%', 'The part after "base64," is not valid base64.'],
    [`${uri('png', 'png')}${'A'.repeat(4_194_304)}`, 'The picture is larger than 3080192 bytes.'],
  ])('refuses %.40s', (picture, detail) => {
    expect(withPicture(picture)).toEqual([`/rectangle: ${detail}`]);
  });

  it('never puts a part of the picture into an error', () => {
    expect(withPicture(uri('png', 'text')).join()).not.toContain('PD9');
  });
});

describe('Recreativ: bodies and queries', () => {
  it('limits a multiplier as documented', () => {
    const of = (coefficient: unknown) => faults(() => readBody(RecreativCoefficient, { coefficient }));
    expect([...of('0.1'), ...of('10'), ...of('1.25')]).toEqual([]);
    expect([of('0.09'), of('10.01'), of('-1')].flat()).toEqual(
      Array(3).fill('/coefficient: Expected "0.1" to "10".'),
    );
    expect(of(1.2)).toHaveLength(1);
  });

  it('limits the text of an offer', () => {
    expect(
      faults(() => readBody(RecreativOfferCreate, { ...offer, description: 'к'.repeat(101) })),
    ).toHaveLength(1);
  });

  it('accepts names and numbers as filters, and archived as a boolean', () => {
    const query = { archived: 'true', type: '2', target: 'purchase', ids: '111,222', from: '2026-01-01' };
    expect(readQuery(RecreativCampaignsQuery, query)).toMatchObject({ archived: true, ids: ['111', '222'] });
    expect(faults(() => readQuery(RecreativCampaignsQuery, { archived: '0', type: 'video' }))).toHaveLength(
      2,
    );
  });
});

describe('Recreativ: ids of campaigns', () => {
  it('must all be whole numbers, before a request is sent', () => {
    expect(readQuery(RecreativCampaignsQuery, { ids: '111,222' })).toMatchObject({ ids: ['111', '222'] });
    expect(faults(() => readQuery(RecreativCampaignsQuery, { ids: 'a' }))).toEqual([
      '/query/ids/0: Expected a string that matches ^\\d{1,15}$.',
    ]);
    expect(faults(() => readQuery(RecreativCampaignsQuery, { ids: '111,1 or 1' }))).toHaveLength(1);
  });
});
