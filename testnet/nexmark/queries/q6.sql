-- Average selling price by seller: over the last ten auctions that each has sold.
SELECT q.seller, avg(q.final) OVER (
    PARTITION BY q.seller ORDER BY q.date_time ROWS BETWEEN 10 PRECEDING AND CURRENT ROW
  ) AS average
FROM (
  SELECT a.id, a.seller, b.price AS final, b.date_time,
    row_number() OVER (PARTITION BY a.id, a.seller ORDER BY b.price DESC) AS rn
  FROM auction a, bid b
  WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
) q
WHERE q.rn <= 1
