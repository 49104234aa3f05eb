/** Prices, market caps and volumes in US dollars. */

import { type FormatLanguage, NBSP, perLanguage } from './locale.ts';

/** A figure in two parts that are set in two sizes, and as one string. */
export interface Amount {
  /** The digits; in English with the currency sign. */
  readonly number: string;
  /** What follows in small type; empty when nothing does. */
  readonly unit: string;
  /** Number and unit, in one piece that never breaks. */
  readonly text: string;
}

const DOLLAR_VI = 'US$';

const dollars = (options: Intl.NumberFormatOptions) =>
  perLanguage(
    (locale) => new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD', ...options }),
  );

/** Both limits, always: with only the upper one some runtimes drop the zeros and others do not. */
const digits = (count: number) => ({ minimumFractionDigits: count, maximumFractionDigits: count });

/**
 * Digits by price. A price belongs to the step it has *after* rounding, hence the half digit below each round
 * number: 99 999.995 is written $100,000 and not $100,000.00.
 */
const PRICE_STEPS = [
  { from: 99_999.995, formats: dollars(digits(0)) },
  { from: 0.99995, formats: dollars(digits(2)) },
  { from: 0.0099995, formats: dollars(digits(4)) },
  { from: 0.0000005, formats: dollars(digits(6)) },
] as const;

/** Below the last step six digits would all be zero, and a price is never zero. */
const tinyPrice = dollars({ minimumSignificantDigits: 2, maximumSignificantDigits: 2 });

const priceFormat = (value: number, language: FormatLanguage): Intl.NumberFormat =>
  (PRICE_STEPS.find((step) => value >= step.from)?.formats ?? tinyPrice)(language);

/**
 * A price: `$77,705.00`, `77.705,00 US$`.
 * @param value US dollars, above 0
 */
export const formatPrice = (value: number, language: FormatLanguage): string =>
  priceFormat(value, language).format(value);

/**
 * A price with its unit apart: `77.705,00` and `US$`; in English the sign stays with the number.
 * @param value US dollars, above 0
 */
export function formatPriceParts(value: number, language: FormatLanguage): Amount {
  const text = formatPrice(value, language);
  const suffix = NBSP + DOLLAR_VI;
  return text.endsWith(suffix)
    ? { number: text.slice(0, -suffix.length), unit: DOLLAR_VI, text }
    : { number: text, unit: '', text };
}

/** Vietnamese must be decimal and long: as a short currency it prints `T` for a thousand million. */
const compact = {
  vi: perLanguage(
    (locale) =>
      new Intl.NumberFormat(locale, {
        notation: 'compact',
        compactDisplay: 'long',
        ...digits(2),
      }),
  ),
  en: dollars({ notation: 'compact', ...digits(2) }),
} as const satisfies Record<FormatLanguage, unknown>;

/**
 * A market cap or a volume: `$2.62` + `T`, `2,62` + `nghìn tỷ US$`.
 * @param value US dollars, above 0
 */
export function formatAmount(value: number, language: FormatLanguage): Amount {
  let number = '';
  let scale = '';
  for (const part of compact[language](language).formatToParts(value)) {
    if (part.type === 'compact') scale = part.value.replaceAll(' ', NBSP);
    else if (part.type !== 'literal') number += part.value;
  }
  if (language === 'en') return { number, unit: scale, text: number + scale };
  const unit = scale === '' ? DOLLAR_VI : scale + NBSP + DOLLAR_VI;
  return { number, unit, text: number + NBSP + unit };
}

const whole = perLanguage((locale) => new Intl.NumberFormat(locale, digits(0)));

/**
 * A price on the chart's axis, whose unit is said beside it: `77,705`.
 * @param value US dollars
 */
export const formatAxisPrice = (value: number, language: FormatLanguage): string =>
  whole(language).format(value);
