/** @file Where the images of a sheet lie: a column per class, columns in bands that are not too wide. In: the class of each image and the size of
 *  an image; out: pixel positions. Knows no pixels and no text. */

/** Upper left corners, in pixels of the sheet. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Side of the square that one pixel of an image becomes. */
  readonly factor: number;
  readonly images: readonly { readonly image: number; readonly x: number; readonly y: number }[];
  readonly titles: readonly { readonly class: number; readonly x: number; readonly y: number }[];
}

/** Room for a line of titles, above each band. */
export const titleHeight = 28;

const margin = 16;
const gap = 8;
const bandGap = 16;
/** An image is shown about this large, smaller when there are so many that the sheet would be higher than `heightWanted`. */
const [sideWanted, widthWanted, heightWanted] = [112, 1400, 3000];

type Group = readonly [label: number, images: number[]];

/** Places images by class, ascending, and by their order within a class; a class without image has no column. */
export function layOut(classes: readonly number[], [h, w]: readonly [h: number, w: number]): Layout {
  const present = [...new Set(classes)].sort((a, b) => a - b);
  const groups = present.map(
    (label): Group => [label, [...classes.keys()].filter(m => classes[m] === label)],
  );
  const largest = Math.max(1, Math.round(sideWanted / Math.max(h, w)));
  for (let factor = largest; ; factor--) {
    const layout = place(groups, h * factor, w * factor, factor);
    if (factor === 1 || layout.height <= heightWanted) return layout;
  }
}

function place(groups: readonly Group[], h: number, w: number, factor: number): Layout {
  const perBand = Math.max(1, Math.floor((widthWanted - 2 * margin + gap) / (w + gap)));
  const [images, titles]: [Layout['images'][number][], Layout['titles'][number][]] = [[], []];
  let top = margin;
  for (let first = 0; first < groups.length; first += perBand) {
    const band = groups.slice(first, first + perBand);
    band.forEach(([label, members], column) => {
      const x = margin + column * (w + gap);
      titles.push({ class: label, x, y: top });
      members.forEach((image, row) => {
        images.push({ image, x, y: top + titleHeight + row * (h + gap) });
      });
    });
    top += titleHeight + Math.max(...band.map(([, members]) => members.length)) * (h + gap) - gap + bandGap;
  }
  const columns = Math.min(perBand, groups.length);
  return {
    width: 2 * margin + columns * (w + gap) - gap,
    height: top - bandGap + margin,
    factor,
    images,
    titles,
  };
}
