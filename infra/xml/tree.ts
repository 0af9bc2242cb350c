/** Elements as JSON and back as XML: for an export that gives back what came. */
import type { Element } from './read.ts';
import { escapeXml } from './write.ts';

/** Without what stands between its children. */
export interface Tree {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Tree[];
  readonly text?: string;
}

export function treeOf({ name, attributes, children, text }: Element): Tree {
  return {
    name,
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(children.length === 0 ? {} : { children: children.map(treeOf) }),
    ...(text === '' ? {} : { text }),
  };
}

/** @param indent of its first line */
export function xmlOf({ name, attributes = {}, children = [], text = '' }: Tree, indent = ''): string {
  const open = `${indent}<${name}${Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`).join('')}`;
  if (children.length === 0) return `${open}>${escapeXml(text)}</${name}>\n`;
  return `${open}>${escapeXml(text)}\n${children.map((child) => xmlOf(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}
