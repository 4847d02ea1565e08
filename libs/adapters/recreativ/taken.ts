import type { Refusal } from '#canonical';

const TAKEN =
  /taken|already|exist|in use|registered|duplicate|unique|занят|уже|существу|зарегистрир|повтор|уникальн/i;
const FORM =
  /(?<!\p{L})(valid\b|invalid|blank|empty|character|letter|format|short|long|length|at (least|most))|правильн|корректн|неверн|недопустим|символ|букв|цифр|заполн|пуст|длин|коротк|формат/iu;

/** Whether a registration may have been refused because its login and address are taken: by its words, or for lack of words that give another reason. A second reason would hold for a first copy of it, too. */
export function mayBeTaken({ members: { errors = [], provider } }: Refusal): boolean {
  const isOther = ({ pointer }: { pointer: string }) => !['/username', '/email'].includes(pointer);
  if (errors.some(isOther)) return false;
  const reasons = errors.length > 0 ? errors.map(({ detail }) => detail) : [provider?.message ?? ''];
  return reasons.every(words => TAKEN.test(words) || !FORM.test(words));
}
