-- User sessions: how many bids each bidder made in each time of activity.
SELECT bidder, count(*) AS bid_count, window_start, window_end
FROM TABLE(SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(date_time), INTERVAL '10 seconds'))
GROUP BY bidder, window_start, window_end
