/** A word that must not be overlooked. */

import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** See {@link Chip}. */
export interface ChipProps {
  readonly tone?: 'warn' | 'accent';
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

/** Text on its own tint, outlined, so that it also shows without colours. */
export const Chip = ({ tone = 'warn', icon, children }: ChipProps) => (
  <span class={`chip chip-${tone}`}>
    {icon ? <Icon name={icon} /> : null}
    {children}
  </span>
);
