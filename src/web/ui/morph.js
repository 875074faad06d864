/**
 * Makes a part of the page like another, and leaves what is alike as it is: focus, selection, scrolling and what is
 * unfolded stay. Elements are matched by `id` or `data-key`, others by their place; one with `data-keep` is left alone.
 *
 * @param {Node} current
 * @param {Node} next
 */
export function morph(current, next) {
  if (current.isEqualNode(next)) return;
  if (current instanceof Element && next instanceof Element) {
    if (current.hasAttribute('data-keep')) return;
    morphAttributes(current, next);
    morphChildren(current, next);
  } else if (current.nodeValue !== next.nodeValue) {
    current.nodeValue = next.nodeValue;
  }
}

/**
 * @param {Element} current
 * @param {Element} next
 */
function morphAttributes(current, next) {
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name) && name !== 'open') current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
}

/**
 * @param {Element} current
 * @param {Element} next
 */
function morphChildren(current, next) {
  /** @type {Map<string, ChildNode>} */
  const keyed = new Map();
  for (const child of current.childNodes) {
    const key = keyOf(child);
    if (key !== undefined) keyed.set(key, child);
  }
  /** @type {ChildNode | null} */
  let place = current.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = keyOf(wanted);
    const match = key === undefined ? unkeyedLike(place, wanted) : keyed.get(key);
    if (match && match.nodeName === wanted.nodeName) {
      if (match === place) place = match.nextSibling;
      else current.insertBefore(match, place);
      morph(match, wanted);
    } else {
      current.insertBefore(document.importNode(wanted, true), place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

/**
 * The node at a place when it may become another; undefined when it may not.
 *
 * @param {ChildNode | null} place
 * @param {Node} wanted
 */
function unkeyedLike(place, wanted) {
  if (!place || keyOf(place) !== undefined) return undefined;
  return place.nodeName === wanted.nodeName ? place : undefined;
}

/**
 * @param {Node} node
 * @returns {string | undefined}
 */
function keyOf(node) {
  if (!(node instanceof Element)) return undefined;
  const key = node.id || node.getAttribute('data-key');
  return key ? `${node.nodeName} ${key}` : undefined;
}
