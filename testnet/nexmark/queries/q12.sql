-- Windows of processing time: the time of a bid is that of its block.
SELECT bidder, count(*) AS bid_count, window_start, window_end
FROM TUMBLE(bid, weir_time, INTERVAL '10 seconds')
GROUP BY bidder, window_start, window_end
