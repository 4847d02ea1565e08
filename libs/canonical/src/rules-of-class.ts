import { getMetadataStorage } from 'class-validator';

/** Makes class-validator find the rules of a class once: by itself it searches all classes for a class’s parents again for every object that it validates. Its groups are not used here. */
export function findRulesOnce(): void {
  const storage = getMetadataStorage();
  const find = storage.getTargetValidationMetadatas.bind(storage);
  const found = new WeakMap<object, ReturnType<typeof find>>();
  storage.getTargetValidationMetadatas = (type, ...options) => {
    let rules = found.get(type);
    if (!rules) found.set(type, (rules = find(type, ...options)));
    return rules;
  };
}
