-- Hot items: the auctions with the most bids in each of the last windows.
SELECT ab.auction, ab.num, ab.window_start, ab.window_end
FROM (
  SELECT auction, count(*) AS num, window_start, window_end
  FROM HOP(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
  GROUP BY auction, window_start, window_end
) ab
JOIN (
  SELECT max(num) AS maxn, window_start, window_end
  FROM (
    SELECT count(*) AS num, window_start, window_end
    FROM HOP(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
    GROUP BY auction, window_start, window_end
  ) counts
  GROUP BY window_start, window_end
) m
ON ab.window_start = m.window_start AND ab.window_end = m.window_end AND ab.num = m.maxn
