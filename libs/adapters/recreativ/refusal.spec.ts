import { describe, expect, it } from 'vitest';
import type { Stage } from '#adapter-kit/testing';
import { extension, refused, stageOf } from './stage.testing.js';

describe('Recreativ: a refusal with status 200', () => {
  const says =
    (body: unknown): Stage['wire'] =>
    answer => ({ ...answer, status: 200, body });
  const coefficient = (wire: Stage['wire']) =>
    extension(stageOf({}, wire), 'setSiteMultiplier', {
      params: { id: '111', siteKey: '2222s3333' },
      body: { coefficient: '1.2' },
    });

  it.each([
    [[{ field: 'coef', message: 'too high' }], ['validation-failed', '/coefficient']],
    [{ success: false, message: 'not now' }, ['provider-rejected']],
    [{ ok: false }, ['provider-rejected']],
  ])('is none the less one: %j', (body, said) => {
    expect(refused(() => coefficient(says(body)))).toEqual(said);
  });

  it.each([{ success: true }, { coef: 1.2 }, [], null])('is not seen in %j', body => {
    expect(coefficient(says(body))).toMatchObject({ coefficient: '1.2' });
  });
});
