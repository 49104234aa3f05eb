/** The page's headings, by language. */

/** One for each card, in the order of the page. */
export const HEADINGS = {
  en: [
    'Bitcoin price',
    'Bitcoin price chart',
    'Fear & Greed',
    'Total market cap',
    '24h volume',
    'Bitcoin dominance',
    'Daily RSI(14)',
    'Coin prices',
    'Data sources',
  ],
  vi: [
    'Giá Bitcoin',
    'Biểu đồ giá Bitcoin',
    'Sợ hãi & Tham lam',
    'Tổng vốn hóa thị trường',
    'Khối lượng 24 giờ',
    'Thị phần Bitcoin (BTC.D)',
    'RSI(14) ngày',
    'Giá các đồng coin',
    'Nguồn dữ liệu',
  ],
} as const;
