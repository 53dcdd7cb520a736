/** @file JSON in which no object has a name twice. JSON.parse keeps the last of them, other readers the first, so such a file could mean
 *  one thing here and another thing there. */

// Either a string (group 1, with the colon that makes it a name) or a bracket; all other characters are passed over.
const token = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|[{}[\]]/g;

/** `JSON.parse(text)`. Give it bounded text: it is walked twice.
 *  @throws SyntaxError for what is no JSON, and for a name that occurs twice in one object. */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: Set<string>[] = [];
  for (const [bracket, string, colon] of text.matchAll(token)) {
    if (colon === ':') claim(open.at(-1)!, JSON.parse(string!));
    else if (bracket === '{' || bracket === '[') open.push(new Set());
    else if (bracket === '}' || bracket === ']') open.pop();
  }
  return value;
}

function claim(names: Set<string>, name: string): void {
  if (names.has(name)) throw new SyntaxError(`the name ${JSON.stringify(name)} occurs twice in one object`);
  names.add(name);
}
