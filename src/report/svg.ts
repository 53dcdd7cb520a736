/** @file SVG by hand where a plotting library stops: elements, drawings put together, short numbers. */

const namespace = 'http://www.w3.org/2000/svg';

/** An empty `<svg>` that opens on its own. */
export const emptySvg = `<svg xmlns="${namespace}"></svg>`;

export type Attributes = Readonly<Record<string, string | number>>;

export function setAll(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
}

/** Characters that no XML file can hold. */
const notXml = /[\p{Cc}\uFFFE\uFFFF]/gu;

export function svgElement(document: Document, name: string, attributes: Attributes, text = ''): Element {
  const element = document.createElementNS(namespace, name);
  setAll(element, attributes);
  if (text !== '') element.textContent = text.replace(notXml, ' ');
  return element;
}

/** A drawing as part of another, `top` pixels down: without its style sheet, which is for pages, and would resize it there. */
export function asGroup(document: Document, drawing: Element, top: number): Element {
  const group = svgElement(document, 'g', { transform: `translate(0,${top})` });
  group.append(...Array.from(drawing.children).filter(child => child.localName !== 'style'));
  return group;
}

/** Coordinates to a hundredth of a pixel: a smaller file, and no trace of how a platform rounds the last bit of a logarithm. */
export function shortenNumbers(root: Element): void {
  const shorten = (number: string): string => `${Math.round(Number(number) * 100) / 100}`;
  for (const element of Array.from(root.querySelectorAll('*')))
    for (const name of ['d', 'transform', 'cx', 'cy', 'x1', 'x2', 'y1', 'y2']) {
      const value = element.getAttribute(name);
      if (value !== null) element.setAttribute(name, value.replace(/\d+\.\d{3,}(e-\d+)?/g, shorten));
    }
}
