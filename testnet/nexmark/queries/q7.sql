-- Highest bid of each window.
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra, m.window_end
FROM TUMBLE(bid, date_time, INTERVAL '10 seconds') b
JOIN (
  SELECT max(price) AS maxprice, window_start, window_end
  FROM TUMBLE(bid, date_time, INTERVAL '10 seconds')
  GROUP BY window_start, window_end
) m
ON b.price = m.maxprice AND b.window_start = m.window_start AND b.window_end = m.window_end
