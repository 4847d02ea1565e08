/** The first duplicate name in an object of a (valid) JSON text: parsers differ in which value they take. */
export function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '{' || char === '[') open.push(new Set());
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(json, at);
      if (isName(json, end)) {
        const name = JSON.parse(json.slice(at, end + 1)) as string;
        const names = open.at(-1)!;
        if (names.has(name)) return name;
        names.add(name);
      }
      at = end;
    }
  }
  return undefined;
}

/** Which of these a JSON text, valid or not, has more of: levels, or values in all; in one pass, without building any. */
export function sizeBeyond(
  json: string,
  most: { levels: number; values: number },
): 'levels' | 'values' | undefined {
  let levels = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at);
    else if (char === '}' || char === ']') levels--;
    else if (char === ',' && ++values > most.values) return 'values';
    else if ((char === '{' || char === '[') && ++levels > most.levels) return 'levels';
  }
  return undefined;
}

// From quote to quote: a picture is one string of megabytes.
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    if (end < 0) return json.length;
    let before = end - 1;
    while (json[before] === '\\') before--;
    if ((end - before) % 2 === 1) return end;
  }
}

const BLANKS = ' \t\r\n';

function isName(json: string, end: number): boolean {
  let next = end + 1;
  while (next < json.length && BLANKS.includes(json[next]!)) next++;
  return json[next] === ':';
}
