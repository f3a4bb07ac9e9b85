-- The ten best bids on each auction.
SELECT auction, bidder, price, channel, url, date_time, extra, rn
FROM (
  SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS rn
  FROM bid
) q
WHERE rn <= 10
